"""XML that came from outside, parsed without entities, document type or network."""

from __future__ import annotations

from typing import Any

from lxml import etree

from service.errors import DamagedFile


def parse_xml(data: bytes) -> Any:
    """Parse a whole XML document and return its root (an lxml element), without comments and instructions.

    lxml's own bounds on depth (256) and on the size of one text (10 MB) stay on.

    Raises:
        DamagedFile: it is not well-formed, or it declares a document type (neither OOXML nor OFD has one, and
            it is what entity bombs and references to other files are made of).

    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise DamagedFile("the file is broken: a part of it is not valid XML") from error
    if root is None:
        raise DamagedFile("the file is broken: a part of it is not valid XML")
    if root.getroottree().docinfo.doctype:
        raise DamagedFile("a part of the file declares a document type, which documents of this kind may not")
    return root

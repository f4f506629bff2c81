"""Drawn reports whose chapters state many of their numbers, for what compares words with tables.

The prose of `prose` states few, and what is drawn from it is settled by its seed; here more is said, with a seed apart.
All statements are true of the printed numbers; between them stand numbers that are about something else.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace

from service.reconcile.statements import load_statements, sums
from training.synthesize.report import DrawnReport, Number, Section, print_value

_CHAPTERS = ("overview", "problems", "other")
_RECEIVED = (
    "{year}年，{we}共收到政府信息公开申请{received}件，均在法定期限内答复。",
    "{year}年度，{we}新收政府信息公开申请{received}件，上年结转{carried_in}件，办结{concluded}件，结转下年度继续办理{carried_out}件。",
    "全年收到信息公开申请{received}件（其中：网上提交{few}件，信函{few}件），上年度结转政府信息公开申请{carried_in}件，本年度共办结{concluded}件。",
    "本年度，{we}受理政府信息公开申请{received}件，无一例引发舆情。",
    "{year}年共收到{received}件政府信息公开申请，{last}年结转{carried_in}件，结转{next}年办理{carried_out}件。",
    "我们认真对待每一件申请。{year}年，{we}共收到依申请公开{received}件，较上年增加{few}件。",
    "{year}年，{agency}共接收政府信息公开申请{received_zh}件，其中通过网站提交{few}件，当面递交{few}件。",
    "{we}全年新收政府信息公开申请数量{received}件，上年结转政府信息公开申请数量{carried_in}件。其中，予以公开{granted}件，部分公开{partly_granted}件，不予公开{refused}件，无法提供{unavailable}件，不予处理{not_processed}件，其他处理{other_results}件，结转下年度继续办理{carried_out}件。",
    "{year}年，{we}收到公民、法人和其他组织提出的政府信息公开申请{received}份，按时办结申请{concluded}件。",
    "办理结果：{year}年{we}收到政府信息公开申请{received}件，予以公开和部分公开{granted_or_partly}件，占六成；不予公开{refused}件。",
    "本机关{year}年收到申请{some}次咨询后，实际收到政府信息公开申请{received}件，均为书面申请。",
    "{year}年{we}新收{received}件，旧存{carried_in}件，合计处理{handled}件。",
)
_NONE_RECEIVED = (
    "{year}年，{we}未收到政府信息公开申请。",
    "本年度{we}未收到任何形式的信息公开申请，无结转下年度办理的申请。",
    "{year}年，{we}没有收到公民、法人和其他组织提出的政府信息公开申请。",
    "全年共收到依申请公开零件。",
    "{agency}{year}年未接到依申请公开事项，也没有信访事项{few}件以上的积案。",
)
_DISPUTED = (
    "{year}年，因政府信息公开引起的行政复议{reconsideration}件、行政诉讼{litigation}件。",
    "{we}涉及政府信息公开的行政复议{reconsideration_zh}起，行政诉讼{litigation_zh}起，均已应诉。",
    "{year}年{we}共发生政府信息公开类行政复议案件{reconsideration}宗，其中被纠正的另行通报。",
    "全年有{litigation}件涉及政府信息公开的行政诉讼。",
)
_UNDISPUTED = (
    "{year}年，{we}未发生因政府信息公开引起的行政复议、行政诉讼。",
    "没有因政府信息公开工作被申请行政复议或提起行政诉讼的情况。",
    "涉及政府信息公开的行政复议、行政诉讼均为0件。",
    "{we}未出现因政府信息公开引发的行政复议和行政诉讼案件。",
)
_DOCUMENTS = (
    "{year}年，{we}制发行政规范性文件{documents_issued}件，废止行政规范性文件{documents_repealed}件。",
    "现行有效行政规范性文件{documents_in_force}件，已在网站集中公开。",
)
_FEES = (
    "{year}年，{we}收取行政事业性收费{fees}{unit}。",
    "全年行政事业性收费金额共计{fees}{unit}，全部上缴国库。",
)
_ASIDES = (
    "{last}年，{we}收到政府信息公开申请{some}件。",
    "全县各单位共收到政府信息公开申请{many}件，答复{many}件。",
    "与去年同期相比，收到政府信息公开申请增加{few}件。",
    "《条例》施行以来，累计收到政府信息公开申请{many}件，累计办结{many}件。",
    "通过政府网站主动公开政府信息{many}条，其中规范性文件{few}件、政策解读{some}条。",
    "截至{year}年12月31日，平台累计接收申请{many}件。",
    "办理12345热线工单{many}件，办结率100%；办理建议提案{few}件，已全部办结{few}件。",
    "指导乡镇答复政府信息公开申请{some}件，会审疑难申请{few}件。",
    "上半年收到政府信息公开申请{few}件，下半年收到{few}件。",
    "受理行政许可申请{many}件，作出行政许可决定{many}件，行政处罚{some}件。",
    "举办依申请公开业务培训{few}期，培训{some}人次，发放案例汇编{some}份。",
    "司法局全年受理行政复议案件{some}件，办理行政诉讼应诉案件{few}件。",
    "收取信息处理费0元，政府集中采购节约资金{some}万元。",
    "通过信函渠道收到政府信息公开申请{few}件，通过网络渠道收到{few}件。",
    "保留规范性文件{some}件，修改{few}件，宣布失效{few}件。",
    "{next}年，计划公开重点领域信息{many}条。",
)
_DIGITS = "零一二三四五六七八九"
_TENS = ("", "十", "百", "千")


def tell_numbers(report: DrawnReport, seed: int) -> DrawnReport:
    """The report with more sentences in its chapters, that state its numbers and others; the same seed, the same."""
    rng = random.Random(f"telling {seed}")
    words = _words(report, rng)

    def fill(pattern: str) -> str:
        chance = {"few": rng.randint(1, 9), "some": rng.randint(11, 90), "many": rng.randint(100, 2600)}
        return pattern.format_map({**words, **{name: str(number) for name, number in chance.items()}})

    told = [fill(pattern) for pattern in _patterns(words, rng)]
    asides = [fill(pattern) for pattern in rng.sample(_ASIDES, rng.randint(1, 5))]
    paragraphs = _mixed(told, asides, rng)
    sections = dict(report.sections)
    for paragraph in paragraphs:
        name = rng.choice(_CHAPTERS)
        title, before = sections[name]
        sections[name] = Section(title, (*before, paragraph))
    return replace(report, sections=sections)


def chinese(number: int) -> str:
    """A whole number below 10,000 in Chinese numerals: `一百零五`; raises ValueError beyond."""
    if not 0 <= number < 10_000:
        raise ValueError(f"not written out: {number}")
    text, gap = "", False
    for place, digit in enumerate(map(int, f"{number:04d}")):
        if digit:
            text += ("零" if gap and text else "") + _DIGITS[digit] + _TENS[3 - place]
        gap = not digit
    return ("十" + text[2:] if text.startswith("一十") else text) or _DIGITS[0]


def _patterns(words: Mapping[str, str], rng: random.Random) -> list[str]:
    """Sentences that are true of these numbers."""
    idle = words["received"] == words["carried_in"] == "0"
    calm = words["disputes"] == "0"
    chosen = rng.sample(_NONE_RECEIVED if idle else _RECEIVED, rng.choice([1, 1, 2]))
    chosen += rng.sample(_UNDISPUTED if calm else _DISPUTED, rng.choice([0, 1, 1]))
    chosen += rng.sample(_DOCUMENTS, rng.choice([0, 1])) if words["documents_issued"] else []
    chosen += rng.sample(_FEES, rng.choice([0, 1])) if words["fees"] else []
    return chosen


def _mixed(told: list[str], asides: list[str], rng: random.Random) -> list[str]:
    """Paragraphs of one to three sentences each, in any order."""
    rest = [*told, *asides]
    rng.shuffle(rest)
    paragraphs = []
    while rest:
        size = rng.choice([1, 1, 2, 3])
        paragraphs.append("".join(rest[:size]))
        rest = rest[size:]
    return paragraphs


def _words(report: DrawnReport, rng: random.Random) -> dict[str, str]:
    """What the sentences are filled with; what the report's forms have no field for is empty."""
    numbers = dict(_stated(report))
    written = {
        f"{name}_zh": chinese(int(number)) if number < 10_000 else str(number) for name, number in numbers.items()
    }
    grammar = load_statements()
    return {
        **{kind.id: "" for kind in (wording.kind for wording in grammar.wordings)},
        **{name: print_value(number).text for name, number in numbers.items()},
        **written,
        "handled": str(numbers["received"] + numbers["carried_in"]),
        "unit": next(iter(report.units.values()), "万元"),
        "year": str(report.year),
        "last": str(report.year - 1),
        "next": str(report.year + 1),
        "agency": report.agency,
        "we": rng.choice(["我单位", "本机关", "我局", "本单位", report.agency]),
    }


def _stated(report: DrawnReport) -> Iterator[tuple[str, Number]]:
    """Each kind of statement that the report's forms have fields for, with the number that is true."""
    for kind in dict.fromkeys(wording.kind for wording in load_statements().wordings):
        for fields in sums(kind, tuple(report.values))[:1]:
            yield kind.id, sum(report.values[name] or 0 for name in fields)

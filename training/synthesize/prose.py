"""Invented agencies and chapter prose for drawn reports, written for this project; places and names are made up.

Where the prose states a number it takes it from the tables.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from service.forms.catalogue import Form, IdentitySpec
from training.synthesize.report import Number, Section

_PLACE_HEADS = "澄岚泽云栖淇沅霁芷汀浔溧珩黛苍翠松柏银金玉白青赤"
_PLACE_TAILS = "原川溪陵浦坪湾岭宁阳泉桥林丰安和水塘屏源"
_LEVELS = ("县", "县", "区", "市", "市", "自治县", "新区")
_OFFICES = (
    "人民政府", "人民政府办公室", "教育局", "水利局", "农业农村局", "财政局", "审计局", "统计局", "民政局", "司法局",
    "卫生健康局", "交通运输局", "自然资源局", "生态环境局", "市场监督管理局", "应急管理局", "医疗保障局",
    "住房和城乡建设局", "人力资源和社会保障局", "发展和改革局", "商务局", "退役军人事务局", "城市管理局", "林业局",
    "行政审批服务局", "乡村振兴局", "机关事务服务中心", "大数据发展中心", "科学技术和工业信息化局", "文化和旅游局",
)  # fmt: skip
_TOWNS = ("镇人民政府", "乡人民政府", "街道办事处")
_TITLES = (
    "{agency}{year}年政府信息公开工作年度报告",
    "{agency}{year}年政府信息公开工作年度报告",
    "{year}年{agency}政府信息公开工作年度报告",
    "{agency}{year}年度政府信息公开工作年度报告",
    "{agency}{year}年政府信息公开年度报告",
)

_PREAMBLES = (
    "根据《中华人民共和国政府信息公开条例》（以下简称《条例》）第四十九条、第五十条的要求，{agency}编制了{year}年政府信息公开工作年度报告，现予公布。",
    "本年度报告由总体情况、主动公开情况、申请办理情况、复议诉讼情况、存在问题和其他事项等六个部分组成。所列数据的统计期限为{year}年1月1日至{year}年12月31日。",
    "公众可在{place}门户网站查阅本报告的电子版。对报告内容有疑问的，请与{agency}联系（地址：{place}{street}{house}号；电话：{phone}）。",
    "现向社会公布{agency}{year}年政府信息公开工作情况，欢迎监督。",
)
_STREETS = ("向阳路", "滨河大道", "和平街", "新城东路", "文昌路", "南门巷")

_LEADS = (
    "{year}年，{we}围绕中心工作，把信息公开作为转变作风、服务群众的一项日常事务来抓，公开的范围逐步扩大，质量稳步提高。",
    "一年来，{we}按照上级的统一安排，坚持应公开的尽公开、该解读的必解读，公开工作有了新的进展。",
    "{year}年，{we}认真落实《条例》规定，健全工作台账，压实科室责任，各项任务按期完成。现将有关情况报告如下。",
)
_TOPICS = (
    ("主动公开", (
        "全年通过门户网站发布各类信息{many}条，其中工作动态{some}条、通知公告{few}条；政务新媒体推送{some}条。",
        "及时更新机构职能、人事任免、财政预决算和重点项目等栏目，全年新增信息{many}条，群众最关心的民生事项均在三个工作日内上网。",
        "围绕养老、就学、就医和安全生产等内容，编发图文解读{few}篇，制作短视频{few}个，在便民服务大厅放置纸质手册{some}份。",
    )),
    ("依申请公开", (
        "全年新收政府信息公开申请{received}件，上年结转{carried_in}件，办结{concluded}件，结转下年度{carried_out}件，没有超期答复的情况。",
        "畅通信函、当面和网上三种申请渠道，登记、审核、会商、答复各环节留痕。本年度共收到申请{received}件。",
        "修订申请办理规程，统一了答复文书的格式。当年办结申请{concluded}件，未收取任何费用。",
    )),
    ("政府信息管理", (
        "落实先审查后公开的要求，拟发布的信息由起草人、科室负责人和分管领导依次把关，涉及个人隐私的内容先作处理再上网。",
        "对历年文件作了一次全面清理，失效的标注清楚，有效的重新分类编号，方便群众检索下载。",
        "建立信息目录动态更新机制，每季度核对一次，避免出现空白栏目和过期链接。",
    )),
    ("平台建设", (
        "对网站栏目作了归并，首页增加了无障碍浏览和站内搜索，手机端的打开速度明显加快。",
        "政务新媒体坚持每日更新，关闭了两个长期不用的账号，留言在五个工作日内回复。",
        "在服务窗口设立信息查阅点，配备电脑和打印机，由专人引导群众查阅。",
    )),
    ("监督保障", (
        "成立由主要负责同志任组长的工作小组，把公开情况纳入年度考核，全年没有发生需要追究责任的情形。",
        "组织业务培训{few}次，参加人员{some}人次；开展自查{few}次，发现的问题均已改正。",
        "邀请企业代表和居民代表座谈，听取意见{few}条，社会评议结果为满意。",
    )),
)  # fmt: skip
_PROACTIVE = (
    "本年度按照《条例》第二十条主动公开的情况见下表。",
    "主动公开的各类事项，数量统计如下：",
)
_APPLICATIONS = (
    "{year}年，{we}共收到政府信息公开申请{received}件，办理情况见下表。",
    "申请的受理和办理情况统计如下（单位：件）：",
)
_DISPUTES = (
    "本年度因政府信息公开引起的行政复议、行政诉讼情况见下表。",
    "有关行政复议和行政诉讼的结果统计如下：",
)
_FAULTS = (
    "存在的主要问题：一是部分科室的公开意识还不够强，信息报送不够及时；二是政策解读的形式较为单一，群众看得懂、用得上的内容偏少；三是工作人员变动较快，业务还不够熟练。",
    "从全年情况看，仍有一些不足：栏目之间的内容有重复，查找不够方便；答复文书的说理不够充分；与群众的互动还不多。",
    "对照要求，公开的深度和时效仍有差距，一些专业性较强的信息缺少通俗的说明，基层单位的公开工作进展不平衡。",
)
_REMEDIES = (
    "改进措施：一是完善制度，明确每个栏目的责任人和更新期限；二是加强培训，把申请办理的典型例子编成手册；三是多用图表和问答，让政策说明更加直白。",
    "下一步，{we}将定期检查栏目更新情况，对超期未更新的予以通报；同时改进文书格式，提高答复质量，主动回应社会关切。",
    "{next}年，将从规范目录、充实内容、改进平台三个方面着手，逐项整改，并把整改结果向社会公开。",
)
_OTHERS = (
    "本年度没有收取政府信息公开信息处理费，无其他需要报告的事项。",
    "按照《政府信息公开信息处理费管理办法》的规定，本年度未发生收费情况。",
    "无其他需要报告的事项。",
    "办理人大代表建议{few}件、政协提案{few}件，答复结果均已在网站公开。",
)
_BODY = {
    "proactive": _PROACTIVE,
    "applications": _APPLICATIONS,
    "disputes": _DISPUTES,
    "other": _OTHERS,
}


@dataclass(frozen=True, slots=True)
class Agency:
    """An invented agency and its place."""

    name: str
    place: str


def invent_agency(rng: random.Random) -> Agency:
    """Invent an agency of a county, district, city or town."""
    place = rng.choice(_PLACE_HEADS) + rng.choice(_PLACE_TAILS) + rng.choice(_LEVELS)
    if rng.random() < 0.2:
        return Agency(place + rng.choice(_PLACE_HEADS) + rng.choice(_PLACE_TAILS) + rng.choice(_TOWNS), place)
    return Agency(place + rng.choice(_OFFICES), place)


def invent_title(agency: str, year: int, rng: random.Random) -> str:
    """Write a report's title."""
    return rng.choice(_TITLES).format(agency=agency, year=year)


def invent_unit(rng: random.Random) -> str:
    """Write what stands above a table at its right, or nothing."""
    date = f"20{rng.randint(20, 26)}年1月{rng.randint(5, 31)}日"
    return rng.choice(
        ["单位：件", "单位：件、万元", "（单位：件）", f"填报日期：{date}", "统计期限：1月至12月　单位：件", "", ""]
    )


def invent_note(rng: random.Random) -> str:
    """Write a note below a table, with numbers that belong to no cell, or nothing."""
    return rng.choice(
        [
            f"注：1.以上数据统计至12月31日；2.其中网上提交{rng.randint(1, 90)}件。",
            f"备注：本表由{rng.randint(2, 30)}个科室汇总，经复核无误。",
            f"说明：空格表示没有发生；联系电话{rng.randint(2000000, 8999999)}。",
            "填表人：　　　　审核人：　　　　负责人：",
            "",
            "",
        ]
    )


@dataclass(frozen=True, slots=True)
class Prose:
    """What stands around the tables."""

    preamble: tuple[str, ...]
    sections: Mapping[str, Section]


def write_prose(
    form: Form,
    agency: Agency,
    year: int,
    values: Mapping[str, Number | None],
    identities: tuple[IdentitySpec, ...],
    rng: random.Random,
) -> Prose:
    """Write preamble and chapters; `form` gives the chapters' headings, `values` the numbers that the prose states."""
    words = {
        "agency": agency.name,
        "place": agency.place,
        "year": str(year),
        "next": str(year + 1),
        "we": rng.choice(["我单位", "本机关", "我局" if agency.name.endswith("局") else "本单位", agency.name]),
        "street": rng.choice(_STREETS),
        "house": str(rng.randint(1, 400)),
        "phone": f"0{rng.randint(310, 999)}-{rng.randint(2000000, 8999999)}",
        **_stated(values, identities),
    }

    def fill(pattern: str) -> str:
        chance = {"few": rng.randint(2, 9), "some": rng.randint(12, 90), "many": rng.randint(100, 2600)}
        return pattern.format_map({**words, **{name: str(number) for name, number in chance.items()}})

    bodies = {"overview": _overview(rng), "problems": (rng.choice(_FAULTS), rng.choice(_REMEDIES))}
    for name, choices in _BODY.items():
        told = name == "other" or rng.random() < 0.4
        bodies[name] = tuple(rng.sample(choices, 1)) if told else ()
    sections = {
        chapter.id: Section(chapter.label, tuple(map(fill, bodies.get(chapter.id, ())))) for chapter in form.chapters
    }
    preamble = rng.sample(_PREAMBLES, rng.choice([0, 1, 2, 3]))
    return Prose(tuple(fill(one) for one in sorted(preamble, key=_PREAMBLES.index)), sections)


def _overview(rng: random.Random) -> tuple[str, ...]:
    paragraphs = [rng.choice(_LEADS)]
    topics = sorted(rng.sample(range(len(_TOPICS)), rng.choice([0, 2, 3, 4, 5])))
    mark = rng.choice(["（{}）{}。", "（{}）{}情况。", "{}是{}。"])
    for number, topic in zip("一二三四五", topics, strict=False):
        title, sentences = _TOPICS[topic]
        chosen = rng.sample(sentences, rng.choice([1, 1, 2]))
        paragraphs.append(mark.format(number, title) + "".join(chosen))
    return tuple(paragraphs)


def _stated(values: Mapping[str, Number | None], identities: tuple[IdentitySpec, ...]) -> dict[str, str]:
    """The applications of the year, from the last identity with two terms on either side: that of the totals."""
    balance = [one for one in identities if len(one.left) == 2 and len(one.right) == 2][-1]
    names = ("received", "carried_in", "concluded", "carried_out")
    fields = (*balance.left, *balance.right)
    return {name: str(values.get(field) or 0) for name, field in zip(names, fields, strict=True)}

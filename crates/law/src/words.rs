//! The words of the law language (词表): 中文, the name in code, the meaning.
//!
//! One table for the parser, which takes its lists of known words from here, and for `docs/glossary.md`, which is written
//! from it.

/// A word, its name in code and what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// As written in law files.
    pub chinese: &'static str,
    /// As written in code.
    pub english: &'static str,
    /// In one Chinese phrase.
    pub meaning: &'static str,
}

const fn word(chinese: &'static str, english: &'static str, meaning: &'static str) -> Word {
    Word {
        chinese,
        english,
        meaning,
    }
}

/// Only the Chinese words of a group, in order.
pub fn chinese(group: &'static [Word]) -> impl Iterator<Item = &'static str> {
    group.iter().map(|word| word.chinese)
}

/// Is this a word of the group?
pub fn has(group: &[Word], chinese: &str) -> bool {
    group.iter().any(|word| word.chinese == chinese)
}

/// Kinds of fenced block (块).
pub const BLOCKS: &[Word] = &[
    word(
        "程序",
        "procedure",
        "一个文件一个：代号、施行、依据、编号、起步等",
    ),
    word("不兼", "incompatible", "不能是同一个人的两种角色"),
    word("阶段", "stages", "一条线一行，第一个是起点"),
    word("定义", "definitions", "有名字的条件或者量"),
    word("子项", "item", "一件事里同类的小件"),
    word("步骤", "step", "谁办、自哪里、至哪里、填什么、要什么"),
    word("期限", "clock", "从何时起、多长、何事止住"),
    word("公开", "publication", "公开的步骤、期限、字段和撤下"),
    word("指标", "indicators", "数什么，和平衡式"),
    word("性质", "properties", "禁止、可达、终将"),
    word("例", "example", "一段经过和应有的结果"),
];

/// Forces of a rule (效力), the strongest first.
pub const FORCES: &[Word] = &[
    word("法定", "statute", "法律、行政法规、司法解释"),
    word("国规", "national_rule", "国务院及部门的文件、规章"),
    word("省市规", "local_rule", "省、市的规定"),
    word("党规", "party_rule", "党内法规"),
    word("参照", "by_reference", "本来管别人，这里照着做"),
    word("镇规", "town_rule", "镇里自己的规定"),
    word("建议", "advice", "没有规定，只是建议"),
];

/// Lines of a 程序 block.
pub const PROCEDURE_LINES: &[Word] = &[
    word("代号", "code", "小写英文的名字"),
    word("施行", "in_force", "从哪天起施行"),
    word("依据", "basis", "整件程序的依据"),
    word("编号", "numbering", "案号的样子"),
    word("起步", "starts_with", "开始一件事的步骤"),
    word("保管", "retention", "保管多少年"),
    word("清单", "listings", "读哪些清单、哪些列"),
    word("版", "version", "一段时间内有效的规则"),
    word("机制", "mechanisms", "对应的机制编号"),
    word(
        "知悉",
        "known_to",
        "写 承办：只有经手的人、本程序点名的职务和领导知道有这件事",
    ),
];

/// Lines of a 步骤 block.
pub const STEP_LINES: &[Word] = &[
    word("由", "by", "谁办，至少几名"),
    word("自", "from", "从哪些阶段"),
    word("至", "to", "到哪个阶段"),
    word("填", "fill", "必须填的字段"),
    word("选填", "may_fill", "可以填的字段"),
    word("须", "requires", "要满足的条件，带依据"),
    word("作废", "annuls", "使早先的步骤不再算办过"),
    word("文书", "paper", "出什么文书"),
    word("关联", "link", "派生、并入、移送"),
    word("音像", "recording", "全过程音像记录"),
];

/// Lines of a 期限 block.
pub const CLOCK_LINES: &[Word] = &[
    word("起", "starts", "第一次发生时起算"),
    word("重起", "restarts", "每次发生都重新起算"),
    word("长", "length", "量和单位"),
    word("到", "until", "到字段里那一天"),
    word("停", "pauses", "中间的日子不算"),
    word("延", "extends", "在期满以前延长，有上限和次数"),
    word("止", "stops", "义务完成"),
    word("销", "cancels", "义务不再存在"),
    word("视为", "deems", "期满时依法算作办了某步"),
    word("责", "owed_by", "谁欠这件事"),
];

/// Lines of a 公开 block that no 期限 block has.
pub const PUBLICATION_LINES: &[Word] = &[
    word("项", "items", "公开的字段"),
    word("所", "places", "在哪里公开"),
    word("撤", "withdraws", "何事要撤下，多长时间内"),
];

/// Qualifiers of a rule line (修饰).
pub const QUALIFIERS: &[Word] = &[
    word("当", "when", "只在条件成立时"),
    word("版", "version", "只在这个版里"),
    word("除", "except", "回避的人；在知悉里，永远看不到的人"),
    word("言", "message", "拦住时说的一句话"),
    word("可免", "waivable_by", "哪个角色可以写明理由免去"),
    word("送达", "serve_on", "送给谁"),
    word("卷", "volume", "正卷、副卷"),
    word("带", "carry", "带到另一件去的字段"),
    word("终", "final", "终点的阶段"),
    word("择", "chosen_by", "按起始日还是步骤日选版"),
    word("维", "by", "按什么分"),
    word("单位", "unit", "指标的单位"),
];

/// Kinds of field (字段类型).
pub const FIELD_KINDS: &[Word] = &[
    word("文", "text", "一段话"),
    word("数", "number", "数"),
    word("金额", "money", "以元书写，以分保存"),
    word("日期", "date", "年月日"),
    word("时刻", "instant", "年月日时分"),
    word("是否", "yes_no", "是或者否"),
    word("选项", "choice", "只选一个"),
    word("多选", "choices", "可选几个"),
    word("当事人", "party", "姓名另存"),
    word("人员", "people", "本单位的人"),
    word("机构", "organ", "单位"),
    word("地点", "place", "地点"),
    word("附件", "file", "文件，存散列"),
    word("法条", "article", "法、条、版本"),
    word("清单项", "listing_entry", "清单里的一条"),
    word("案件", "case", "另一件事"),
    word("统一社会信用代码", "social_credit_code", "十八位，校验"),
    word("组织机构代码", "organisation_code", "九位，校验"),
    word("居民身份证号", "resident_id", "十八位，校验，平时遮住"),
    word("区划代码", "division_code", "六、九或者十二位"),
];

/// How open a field is (公开).
pub const OPENNESS: &[Word] = &[
    word("公开", "public", "谁都可以看"),
    word("脱敏", "masked", "遮住一部分再公开"),
    word("本人", "party_only", "只给当事人看"),
    word("内部", "internal", "机关内部"),
    word("限办", "handlers_only", "只给承办的人看"),
];

/// Units of a length (单位).
pub const UNITS: &[Word] = &[
    word("工作日", "working_day", "按公布的日历"),
    word("日", "day", "自然日，末日逢休顺延"),
    word("月", "month", "对应日"),
    word("年", "year", "对应日"),
    word("小时", "hour", "按时刻，不顺延"),
];

/// Words of conditions and quantities; none of them can be a name.
pub const CONDITION_WORDS: &[Word] = &[
    word("且", "and", "都成立"),
    word("或", "or", "有一个成立"),
    word("非", "not", "不成立"),
    word("已", "done", "办过，没有作废"),
    word("未", "not_done", "没有办过"),
    word("在", "at", "停在某些阶段"),
    word("为", "is", "是其中之一"),
    word("含", "contains", "多选里有"),
    word("有值", "present", "填了"),
    word("无值", "absent", "没有填"),
    word("列于", "listed_in", "清单里当天有"),
    word("不超出", "within", "每一项都在另一个里"),
    word("每个", "each", "子项都"),
    word("有", "some", "有一个子项"),
    word("之", "of", "列，或者步骤之日"),
    word("未起", "not_started", "期限没有开始"),
    word("未满", "running", "期限在走"),
    word("已满", "expired", "期限过了"),
    word("已止", "met", "期限内办了"),
    word("次数", "times", "办过几次"),
    word("人数", "persons", "几个人"),
    word("日", "date", "那一步的日子"),
    word("今日", "today", "办这一步的日子"),
    word("届满日", "due_on", "期限哪天满"),
    word("逾期日数", "days_late", "过了几天"),
    word("取小", "min", "两数取小"),
    word("取大", "max", "两数取大"),
    word("按", "per", "同样字段值的指标"),
    word("本年", "this_year", "今年以来"),
    word("本月", "this_month", "本月以来"),
    word("近", "last", "最近几年"),
    word("多于", "more_than", "大于"),
    word("少于", "less_than", "小于"),
    word("不多于", "at_most", "小于或者等于"),
    word("不少于", "at_least", "大于或者等于"),
    word("等于", "equals", "等于"),
    word("晚于", "more_than", "日期在后"),
    word("早于", "less_than", "日期在前"),
    word("不晚于", "at_most", "日期不在后"),
    word("不早于", "at_least", "日期不在前"),
];

/// Words of 指标, 性质 and 例.
pub const FIGURE_WORDS: &[Word] = &[
    word("计", "count", "数步骤"),
    word("不同", "distinct", "数不同的值"),
    word("和", "sum", "量加起来"),
    word("于", "over", "在哪些步骤上"),
    word("存", "stock", "截止时还在的"),
    word("平衡", "balance", "期初加流入等于流出加期末"),
    word("期初", "opening", "上期截止时的存"),
    word("期末", "closing", "本期截止时的存"),
    word("禁止", "never", "永不该有"),
    word("可达", "sometimes", "应当可能，由例作证"),
    word("终将", "eventually", "总能走到"),
    word("承", "continues", "接着另一例"),
    word("假设", "given", "指标当时的数"),
    word("准", "permitted", "应当准"),
    word("不准", "refused", "应当不准，理由里有这段话"),
    word("最早", "earliest", "最早准的一天"),
    word("届满", "due", "期限满的一天"),
    word("未定", "undetermined", "日历没有公布，算不出"),
];

/// Terms of the field used in code (行政用语).
pub const TERMS: &[Word] = &[
    word("行政处罚", "penalty", "行政处罚"),
    word("行政许可", "license", "行政许可"),
    word("行政强制", "compulsion", "行政强制"),
    word("行政检查", "inspection", "行政检查"),
    word("行政复议", "reconsideration", "行政复议"),
    word("行政诉讼", "litigation", "行政诉讼"),
    word("政府信息公开", "disclosure", "政府信息公开"),
    word("当事人", "party", "案件的相对人"),
    word("执法人员", "officer", "持证的工作人员"),
    word("文书", "document", "程序产生的纸件"),
    word("立案", "filing", "立案"),
    word("调查取证", "investigation", "调查取证"),
    word("告知", "notice", "作决定前告知"),
    word("陈述申辩", "defense", "陈述申辩"),
    word("听证", "hearing", "听证"),
    word("法制审核", "legal_review", "法制审核"),
    word("集体讨论", "deliberation", "集体讨论"),
    word("送达", "service", "文书的送达"),
    word("结案", "closure", "结案"),
    word("公示", "publication", "公开"),
    word("低保", "dibao", "最低生活保障"),
    word("户口", "hukou", "户籍"),
    word("信访", "xinfang", "信访"),
    word("亩", "mu", "面积单位"),
];

/// Every group with its heading in the glossary.
const GROUPS: &[(&str, &[Word])] = &[
    ("块", BLOCKS),
    ("效力", FORCES),
    ("程序块的行", PROCEDURE_LINES),
    ("步骤块的行", STEP_LINES),
    ("期限块的行", CLOCK_LINES),
    ("公开块的行", PUBLICATION_LINES),
    ("修饰", QUALIFIERS),
    ("字段类型", FIELD_KINDS),
    ("公开的程度", OPENNESS),
    ("期限的单位", UNITS),
    ("条件和量的词", CONDITION_WORDS),
    ("指标、性质和例的词", FIGURE_WORDS),
    ("行政用语", TERMS),
];

/// The glossary as Markdown, all of `docs/glossary.md`.
pub fn glossary() -> String {
    let mut page =
        String::from("# 词表\n\n法条语言的词，和代码里用的名字。本页由词表写出，不要手改。\n");
    for (title, group) in GROUPS {
        page.push_str(&format!(
            "\n## {title}\n\n| 中文 | 代码 | 意思 |\n|---|---|---|\n"
        ));
        for Word {
            chinese,
            english,
            meaning,
        } in *group
        {
            page.push_str(&format!("| {chinese} | `{english}` | {meaning} |\n"));
        }
    }
    page
}

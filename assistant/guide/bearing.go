package guide

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"xiaoyue/kb"
	"xiaoyue/kb/figures"
)

// ofOtherTime reports whether a unit of an undated text tells of other years than the one asked about.
func ofOtherTime(year int, u unit, d kb.Document) bool {
	if year == 0 || !d.Validity.From.IsZero() {
		return false
	}
	dated := false
	for _, f := range figures.Find(u.said) {
		if f.Kind == figures.Date && !strings.HasPrefix(f.Value, "-") {
			if atoi(f.Value[:4]) == year {
				return false
			}
			dated = true
		}
	}
	return dated
}

// isFurniture recognises what states nothing: titles, signatures, addressees.
func isFurniture(u unit, d kb.Document) bool {
	if u.kind != sentence || strings.ContainsAny(u.text, "。；！？") {
		return false
	}
	return strings.Contains(d.Title, u.text) || strings.HasSuffix(u.text, "印发") || strings.HasPrefix(u.text, "抄送") || utf8.RuneCountInString(u.text) < 12 || strings.HasSuffix(u.text, "的通知")
}

// datesFit reports whether the dates of a unit are of the kind asked for: a day of the month for
// 几号, and a birth date only where birth is asked about.
func datesFit(question string, u unit) bool {
	if containsAny(question, "几号", "哪天", "哪一天") && !holds(u.said, figures.Date) {
		return false
	}
	if strings.Contains(u.said, "施行") && !containsAny(question, "施行", "实施", "生效", "执行", "开始", "有效") {
		return false
	}
	return !strings.Contains(u.said, "出生") || strings.Contains(question, "出生")
}

// frequency is how often something happens: 每年签注一次.
var frequency = regexp.MustCompile(`每(?:[两二三四五六0-9]*年|月|季度|半年|[两二三四五六0-9]+个月)[^，。]{0,6}一次`)

var payout = regexp.MustCompile(`分[两二三四五六七八九十0-9]+[年次期批]|按照[^，。]{0,10}发放|按月|按季|按年|一次性(?:发|给|拨)|(?:发放|拨付|划转)至|[%额]享受|每季度`)

var annual = regexp.MustCompile(`(20\d\d)年(?:度|[^（）]{0,24}(?:工作|招生|申报|公告|计划))`)

// ofOtherYear reports whether a document is that of one year and the question asks about another.
func ofOtherYear(year int, title string) bool {
	m := annual.FindStringSubmatch(title)
	return year > 0 && m != nil && atoi(m[1]) != year
}

// bears reports whether a unit holds what a kind of question wants: an amount for an amount.
func bears(want ask, u unit) bool {
	check, ok := bearing[want]
	return !ok || check(u)
}

var bearing = map[ask]func(unit) bool{
	askAmount: func(u unit) bool {
		return holds(u.said, figures.Money) || containsAny(u.said, "一事一议", "全额")
	},
	askFigure: func(u unit) bool { return hasFigure(u.said) },
	askFee: func(u unit) bool {
		return holds(u.said, figures.Money) || containsAny(u.said, "免费", "不收", "免收", "免交", "免缴", "收取")
	},
	askRatio: func(u unit) bool {
		return holds(u.said, figures.Percent) || containsAny(u.said, "折", "全额", "比例", "减半")
	},
	askDuration: func(u unit) bool {
		return frequency.MatchString(u.said) || holds(u.said, figures.Duration) || containsAny(u.said, "即时", "当场", "长期", "当日", "当天")
	},
	askDate: func(u unit) bool { return holds(u.said, figures.Date) || isTemporal(u.said) },
	askAge: func(u unit) bool {
		return holds(u.said, figures.Age) || holds(u.said, figures.Date) && strings.Contains(u.said, "出生")
	},
	askCount: func(u unit) bool {
		return holds(u.said, figures.Count) || u.kind == row && holds(u.said, figures.Number)
	},
	askPhone: func(u unit) bool { return holds(u.said, figures.Phone) },
	askComplaint: func(u unit) bool {
		return holds(u.said, figures.Phone) && containsAny(u.context(), "投诉", "监督", "举报")
	},
	askPlace: func(u unit) bool {
		return containsAny(u.said, "路", "街", "大道", "楼", "中心", "窗口", "地址", "网", "平台", "大厅", "APP", "处", "点", "市", "城", "镇")
	},
	askHours: func(u unit) bool {
		return containsAny(u.said, ":", "：", "时", "点", "周") && (holds(u.said, figures.Number) || strings.ContainsAny(u.said, "周休"))
	},
	askOffice: func(u unit) bool {
		return containsAny(u.said, "局", "部门", "中心", "委员会", "政府", "机构", "办公室", "法院", "单位", "所", "处", "管委会")
	},
	askMaterials: func(u unit) bool {
		return containsAny(u.context(), "材料", "证", "表", "书", "合同", "提交", "凭", "携带")
	},
	askConditions: func(u unit) bool {
		return containsAny(u.context(), "条件", "应当", "须", "符合", "具有", "具备", "适用", "是指", "对象", "的，", "可以", "未", "满", "以上", "不")
	},
	askSteps: func(u unit) bool {
		return containsAny(u.context(), "申请", "办理", "提交", "通过", "流程", "程序", "窗口", "网", "申报", "凭", "登记", "提出")
	},
	askOnline: func(u unit) bool {
		return containsAny(u.context(), "网", "线上", "平台", "APP", "手机", "掌上", "在线", "小程序")
	},
	askValidity: func(u unit) bool {
		return containsAny(u.said, "有效期", "施行", "废止", "至", "执行") && holds(u.said, figures.Date) ||
			containsAny(u.said, "暂停", "停止", "恢复", "继续执行", "取消", "不再")
	},
	askBenefit: func(u unit) bool {
		return holds(u.said, figures.Money) || containsAny(u.said, "免费", "减免", "优惠", "优先", "补贴", "补助", "奖励")
	},
	askPayout: func(u unit) bool { return payout.MatchString(u.said) },
	askOutcome: func(u unit) bool {
		return containsAny(u.said, "中止", "停", "不再", "追回", "取消", "失效", "责令", "不予", "不受理", "处", "责任", "退", "撤销")
	},
	askTogether: func(u unit) bool { return containsAny(u.said, togetherWords...) },
	askWho: func(u unit) bool {
		return len(peopleIn(u.said)) > 0 || winner.MatchString(u.said) || office.MatchString(u.said)
	},
	askBasis: func(u unit) bool { return containsAny(u.said, "《", "依据", "根据", "号") },
}

func holds(text string, kind figures.Kind) bool {
	return slices.ContainsFunc(figures.Find(text), func(f figures.Figure) bool { return f.Kind == kind })
}

func hasFigure(text string) bool {
	return slices.ContainsFunc(figures.Find(text), func(f figures.Figure) bool {
		return f.Kind != figures.Ordinal && f.Kind != figures.Phone && f.Kind != figures.Date
	})
}

// had is how long a benefit is had; acted is a time in which something must have been done, or not.
var (
	had   = regexp.MustCompile(`(?:累计|最长|最多|不超过|期限)[^，。；]{0,12}(?:年|月|日|天)`)
	acted = regexp.MustCompile(`前[一二三四五六0-9]+(?:年|个月)内|之日起[0-9一二三四五六七八九十]+(?:年|个?月|个?工作日|日)内`)
)

// isTemporal recognises a time that is no date.
func isTemporal(text string) bool {
	return containsAny(text, "之日起", "当月", "次月", "每季度", "按季度", "全年", "期满", "届满", "年底", "期间")
}

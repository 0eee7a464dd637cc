package guide

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"xiaoyue/kb"
	"xiaoyue/kb/figures"
)

// candidate is a unit that may answer a question.
type candidate struct {
	unit   unit
	source *source
	cov    coverage
	fit    fit
	score  float64
}

// The weights of the parts of a candidate's score, and the least that makes it an answer.
const (
	weightCover = 1.0
	weightFit   = 0.25
	weightRank  = 0.15
	weightTitle = 0.25 // of a document whose title names the focus of the question
	weightClose = 0.12 // of the figure asked for next to the words that it is of
	weightPlace = 0.1  // of a row that names the place asked about
	weightPlain = 0.05 // of the text itself before an explanation of it
	leastCover  = 0.6
	leastStrong = 0.5  // of the words of the question, in the unit or right above it
	leastUnsure = 0.63 // where the search doubts
	leastGapped = 0.83 // where a word of the question is found nowhere
)

// maxDocBytes is how much of a document is looked at for words outside of the passages found.
const maxDocBytes = 64 << 10

// candidates returns the units that can answer one kind of question, best first.
func (g *Guide) candidates(r reading, want ask, ev evidence) []candidate {
	var found []candidate
	r.chunks = withKnown(r.chunks, ev.text())
	top := 0.0
	for i := range ev.sources {
		top = max(top, ev.sources[i].score)
	}
	for i := range ev.sources {
		s := &ev.sources[i]
		if ofOtherYear(r.year, s.doc.Title) || silentOn(r.attributes, s.doc) || !strings.Contains(s.doc.Title+s.doc.Text, r.place) {
			continue
		}
		around := []layer{
			g.newLayer(s.doc.Title+"\n"+strings.Join(s.passage.Headings, "\n"), worthTitle),
			g.newLayer(s.doc.Text[:min(len(s.doc.Text), maxDocBytes)], worthDoc),
		}
		for _, u := range s.units {
			if c, ok := g.weigh(r, want, s, u, around); ok {
				if top > 0 {
					c.score += weightRank * s.score / top
				}
				found = append(found, c)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	return found
}

// weigh checks one unit against a question: its attributes, the figure or words it must hold, and
// the words of the question it accounts for.
func (g *Guide) weigh(r reading, want ask, s *source, u unit, around []layer) (candidate, bool) {
	c := candidate{unit: u, source: s}
	if c.fit = fitUnit(r.attributes, u, s.doc.Title); c.fit == fitClash || !bears(want, u) || !holdsRequired(r.text, u) || isFurniture(u, s.doc) {
		return c, false
	}
	if want == askDate && !datesFit(r.text, u) {
		return c, false
	}
	near, ok := g.placeFits(r.region, u)
	spans := fitsSpans(r.text, u)
	if !ok || spans == fitClash {
		return c, false
	}
	layers := append([]layer{
		g.newLayer(u.said, worthOwn),
		g.newLayer(strings.Join(u.above, "\n"), worthAbove),
		g.newLayer(s.near(u), worthNear),
	}, around...)
	c.cov = cover(r.chunks, append(layers, g.givenLayers(r.attributes, u.context())...))
	c.score = weightCover*c.cov.share + near + weightTitle*focusIn(r.chunks, around[0])
	if c.fit == fitNamed {
		c.score += weightFit
	}
	if spans == fitNamed {
		c.score += weightFit
	}
	if want == askFigure && holds(u.said, figures.Money) {
		c.score += weightPlain // 多少 is mostly asked of money
	}
	if want == askDate && holds(u.said, figures.Date) {
		c.score += weightPlain
	}
	c.score += weightClose * closeness(r, want, u)
	if !isExplanation(s.doc) {
		c.score += weightPlain
	}
	return c, true
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

// givenLayers hold the words of attributes that a text names in other words: 成立 where it says 设立.
func (g *Guide) givenLayers(wanted []attribute, text string) []layer {
	var layers []layer
	for _, w := range wanted {
		if classOf(w).content && fits([]attribute{w}, text) == fitNamed {
			layers = append(layers, g.newLayer(w.word, worthAbove))
		}
	}
	return layers
}

// fitUnit compares attributes with a unit's own words, and with what stands above it only for the
// classes that the own words leave open.
func fitUnit(wanted []attribute, u unit, title string) fit {
	worst := fitNamed
	if len(wanted) == 0 {
		return fitNeutral
	}
	for _, w := range wanted {
		f := fits([]attribute{w}, u.said)
		if f == fitNeutral {
			f = fits([]attribute{w}, strings.Join(u.above, "\n")+"\n"+title)
		}
		worst = min(worst, f)
	}
	return worst
}

// placeFits compares the places that a row names with the one asked about: its own row is worth more,
// that of a sibling is none of ours.
func (g *Guide) placeFits(region string, u unit) (worth float64, ok bool) {
	if region == "" || u.kind != row {
		return 0, true
	}
	mentions := g.regions.Find(u.said)
	if len(mentions) == 0 {
		return 0, true
	}
	chain, err := g.regions.Chain(region)
	if err != nil {
		return 0, true
	}
	for _, m := range mentions {
		if m.Region.Code == region {
			return weightPlace, true
		}
		below, err := g.regions.Chain(m.Region.Code)
		if slices.Contains(chain, m.Region.Code) || err == nil && slices.Contains(below, region) {
			return 0, true
		}
	}
	return 0, false
}

var payout = regexp.MustCompile(`分[两二三四五六七八九十0-9]+[年次期批]|按月|按季|按年|一次性(?:发|给|拨)|(?:发放|拨付|划转)至|享受|每季度`)

var annual = regexp.MustCompile(`(20\d\d)年(?:度|[^（）]{0,24}(?:工作|招生|申报|公告|计划))`)

// ofOtherYear reports whether a document is that of one year and the question asks about another.
func ofOtherYear(year int, title string) bool {
	m := annual.FindStringSubmatch(title)
	return year > 0 && m != nil && atoi(m[1]) != year
}

// silentOn reports whether a document tells cases of a strict class apart without the one asked.
func silentOn(wanted []attribute, d kb.Document) bool {
	return slices.ContainsFunc(wanted, func(w attribute) bool {
		return classOf(w).strict && fits([]attribute{w}, d.Title+"\n"+d.Text[:min(len(d.Text), maxDocBytes)]) == fitClash
	})
}

// isExplanation reports whether a document explains another instead of ruling itself.
func isExplanation(d kb.Document) bool {
	return containsAny(d.Title, "解读", "问答", "一图读懂", "答记者问") ||
		slices.ContainsFunc(d.Relations, func(r kb.Relation) bool { return r.Kind == kb.Interprets && r.From == d.ID })
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
		return holds(u.said, figures.Percent) || containsAny(u.said, "全额", "比例", "减半")
	},
	askDuration: func(u unit) bool {
		return holds(u.said, figures.Duration) || containsAny(u.said, "即时", "当场", "长期", "当日", "当天")
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
		return containsAny(u.said, "路", "街", "大道", "楼", "中心", "窗口", "地址", "网", "平台", "大厅", "APP", "处", "点")
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
	askPayout:   func(u unit) bool { return payout.MatchString(u.said) },
	askTogether: func(u unit) bool { return containsAny(u.said, togetherWords...) },
	askBasis:    func(u unit) bool { return containsAny(u.said, "《", "依据", "根据", "号") },
}

func holds(text string, kind figures.Kind) bool {
	return slices.ContainsFunc(figures.Find(text), func(f figures.Figure) bool { return f.Kind == kind })
}

func hasFigure(text string) bool {
	return slices.ContainsFunc(figures.Find(text), func(f figures.Figure) bool {
		return f.Kind != figures.Ordinal && f.Kind != figures.Phone && f.Kind != figures.Date
	})
}

// isTemporal recognises a time that is no date.
func isTemporal(text string) bool {
	return containsAny(text, "之日起", "当月", "次月", "每季度", "按季度", "全年", "期满", "届满", "年底", "期间")
}

// good reports whether a candidate accounts for enough of the question to be an answer. Where the
// search itself doubts that it found one, no word of the question may be missing.
func (c candidate) good(sure bool) bool {
	switch {
	case c.cov.gap >= 2 && c.cov.share < leastGapped:
		return false
	case !sure && c.cov.share < leastUnsure:
		return false
	}
	return c.cov.share >= leastCover && c.cov.strong >= leastStrong
}

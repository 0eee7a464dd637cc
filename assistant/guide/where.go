package guide

import (
	"regexp"
	"slices"
	"strings"

	"xiaoyue/kb"
)

// where is the place a question asks about.
type where struct {
	regions []kb.Region // the places named, most specific of each chain; else the one of the caller
	named   bool        // the question's own words name them
	unknown string      // a place named that the table of regions does not hold
	alike   []kb.Region // the regions that share the name that the question uses, where nothing tells them apart
	told    bool        // the regions are several that the asker's case names, and not places to compare
}

// whereOf returns the place that a question asks about: the one it names, else that of the turn, of
// the caller, and of this installation.
func (g *Guide) whereOf(question string, turn kb.Turn) (where, error) {
	mentions := g.regions.Find(question)
	if len(mentions) == 0 {
		w, err := g.usualPlace(turn)
		w.unknown = unknownPlace(question)
		return w, err
	}
	var w where
	w.named = true
	for _, m := range mentions {
		if !g.holdsDescendant(mentions, m.Region.Code) && !slices.ContainsFunc(w.regions, func(r kb.Region) bool { return r.Code == m.Region.Code }) {
			w.regions = append(w.regions, m.Region)
		}
	}
	w = g.narrow(w, turn)
	if err := g.tellApart(&w, question, mentions, turn); err != nil {
		return where{}, err
	}
	w.told = len(w.regions) > 1 && g.onlyTold(question, mentions)
	return w, nil
}

// narrow keeps the caller's own district where the question names only what lies above it.
func (g *Guide) narrow(w where, turn kb.Turn) where {
	usual, err := g.usualPlace(turn)
	if err != nil || len(w.regions) != 1 {
		return w
	}
	chain, err := g.regions.Chain(usual.regions[0].Code)
	if err == nil && slices.Contains(chain, w.regions[0].Code) {
		w.regions = usual.regions
	}
	return w
}

func (g *Guide) usualPlace(turn kb.Turn) (where, error) {
	code := g.home
	for _, c := range []string{turn.Caller.Region, turn.Region} {
		if c != "" {
			code = c
		}
	}
	r, ok := g.regions.Lookup(code)
	if !ok {
		_, err := g.regions.Chain(code)
		return where{}, err
	}
	return where{regions: []kb.Region{r}}, nil
}

func (g *Guide) holdsDescendant(mentions []kb.Mention, code string) bool {
	return slices.ContainsFunc(mentions, func(m kb.Mention) bool {
		chain, err := g.regions.Chain(m.Region.Code)
		return err == nil && m.Region.Code != code && slices.Contains(chain, code)
	})
}

// withoutPlaces takes the names of regions out of a question.
func (g *Guide) withoutPlaces(question string) string {
	var b strings.Builder
	at := 0
	for _, m := range g.regions.Find(question) {
		b.WriteString(question[at:m.Start])
		b.WriteString(" ")
		at = m.End
	}
	b.WriteString(question[at:])
	return b.String()
}

// elsewhere are the provinces and the cities people name most; a place of this list that the table
// of regions does not hold is another one than ours.
var elsewhere = strings.Fields(`北京 天津 上海 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 云南 陕西 甘肃 青海 台湾 内蒙古 广西 西藏 宁夏 新疆 香港 澳门
石家庄 太原 呼和浩特 沈阳 大连 长春 哈尔滨 南京 无锡 徐州 常州 苏州 南通 扬州 杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水 合肥 福州 厦门 泉州 南昌 济南 青岛 烟台 郑州 洛阳 武汉 长沙 广州 深圳 珠海 佛山 东莞 南宁 海口 三亚 成都 贵阳 昆明 拉萨 西安 兰州 西宁 银川 乌鲁木齐`)

var (
	placePattern = regexp.MustCompile(`(?:在|到|来|去|^)(\p{Han}{2,3}[市县区])`)
	// generalPlaces end like the name of a place and are none.
	generalPlaces = regexp.MustCompile(`[全本城超上门夜菜股社小园校地景辖市郊新山片街发范税贸各所跨县专分灾特政能宅活务哪个同原外]([市县区])$|开发区|哪`)
)

// unknownPlace returns a place that a question names outside the table of regions.
func unknownPlace(question string) string {
	for _, name := range elsewhere {
		i := strings.Index(question, name)
		if i < 0 {
			continue
		}
		rest := question[i+len(name):]
		if containsAny(firstRunes(rest, 4), "户籍", "户口", "毕业", "大学", "来", "人") || strings.HasSuffix(question[:i], "从") {
			continue // where somebody comes from
		}
		return name
	}
	if m := placePattern.FindStringSubmatch(question); m != nil && !generalPlaces.MatchString(m[1]) {
		return m[1]
	}
	return ""
}

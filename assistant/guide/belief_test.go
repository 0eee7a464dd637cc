package guide

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/kb"
)

// TestThings holds what in a sentence can be the thing that a question wants.
func TestThings(t *testing.T) {
	for _, c := range []struct {
		name, question, said string
		want                 ask
		things               []string
		typed                bool
	}{
		{"its own figure is no answer", "补贴是2000元吗，多少钱", "每人2000元", askAmount, nil, true},
		{"another figure", "补贴是2000元吗，多少钱", "每人3000元", askAmount, []string{"3000元"}, true},
		{"said in words", "多久办好", "材料齐全的当场办结", askDuration, nil, false},
		{"an article counts nothing", "有多少个窗口", "设有一个大厅、12个窗口", askCount, []string{"12个"}, true},
		{"people for their number", "参会人数", "31个省的440名代表", askCount, []string{"440名"}, true},
		{"clock, year and name", "营收是多少", "08:30 回顾2021，“十四五”开局，收入965亿元", askFigure, []string{"965亿元"}, true},
		{"a date with its year", "哪一年加入的", "12月11日纪念2001年12月11日加入", askDate, []string{"2001年12月11日"}, true},
		{"players", "这部剧的主演是谁", "由金晨、王安宇领衔主演，时间未定", askWho, []string{"金晨", "王安宇"}, true},
		{"a winner that is no person", "欧冠冠军是谁", "切尔西以1-0的比分战胜曼城", askWho, []string{"切尔西"}, true},
		{"the place of an event", "峰会在哪里举行", "峰会将在墨西哥城举行", askPlace, []string{"墨西哥城"}, true},
		{"a place to go to", "到哪里办", "到政务服务中心二楼办理", askPlace, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			found, typed := wanted(reading{text: c.question}, c.want, c.said)
			var words []string
			for _, f := range found {
				words = append(words, f.text)
			}
			if diff := cmp.Diff(c.things, words); diff != "" || typed != c.typed {
				t.Errorf("typed %v, things differ: %s", typed, diff)
			}
		})
	}
}

// TestPeriods holds when a sentence is of the period asked about.
func TestPeriods(t *testing.T) {
	for _, c := range []struct {
		name, question, before, clause string
		named, clash                   bool
	}{
		{"the year", "2021年的增长率", "", "2021年增长8.1%", true, false},
		{"another year", "2021年的增长率", "", "2022年增长3%", false, true},
		{"a year to compare with", "2021年的出生率", "", "出生率为6.77‰，比2021年下降", false, false},
		{"the year of what goes before", "2021年的增长率", "2022年情况：", "增长3%", false, true},
		{"another part of the year", "2023年一季度的增长率", "", "2023年四季度增长2.9%", true, true},
		{"a quarter in another writing", "2023年一季度的增长率", "", "2023年Q1增长4.5%", true, false},
		{"the whole year", "2022年的营收", "", "2022年全年营收965亿元", true, false},
		{"no year asked about", "营收是多少", "", "2022年营收965亿元", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			named, clash := periodsOf(c.question).fits([]periods{periodsOf(c.clause), periodsOf(c.before).last()})
			if named != c.named || clash != c.clash {
				t.Errorf("named %v and clash %v, want %v and %v", named, clash, c.named, c.clash)
			}
		})
	}
}

// TestJudge asks over one page of news and one rule.
func TestJudge(t *testing.T) {
	for _, c := range []struct {
		name, question, page string
		answer               string // "" where it must be refused
	}{
		{"borne out", "云州市2022年棉花产量是多少", "据统计，2022年云州市棉花产量597.7万吨，比上年增长4.3%。其他作物另行公布。", "597.7万吨"},
		{"another year", "云州市2022年棉花产量是多少", "据统计，2021年云州市棉花产量573.1万吨，比上年下降。其他作物另行公布。", ""},
		{"a figure of something else", "云州市2022年棉花产量是多少", "2022年棉花产量由调查得出。全市有31个县参加统计，经费80万元。", ""},
		{"what is expected", "云州市2022年棉花产量是多少", "按照规划，2022年云州市棉花产量预计达到600万吨。", ""},
		{"breaks off", "云州市2022年棉花产量是多少", "2022年云州市棉花产量为...", ""},
		{"another work", "《炽道》的导演是谁", "《炽道》热播。《罗马》是王安宇导演的作品。", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := askOver(t, nil, c.question, []string{c.page})
			if answered := a.Outcome == kb.Answered; answered != (c.answer != "") || !strings.Contains(a.Text, c.answer) {
				t.Errorf("%s: %s", a.Outcome, a.Text)
			}
		})
	}
}

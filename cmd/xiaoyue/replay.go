package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"xiaoyue/assistant/guide"
	"xiaoyue/inference"
	"xiaoyue/kb"
)

func replayCommand(src *source, tty terminal) *cobra.Command {
	c := &cobra.Command{
		Use:   "replay [--json] TRACE",
		Short: "复核：重现一次回答的依据和提示词，并说明今天有什么不同",
		Args:  exactlyOne("trace id"),
	}
	asJSON := c.Flags().Bool("json", false, "print the whole as one JSON object")
	prompts := c.Flags().Bool("prompts", false, "print the prompts too")
	c.RunE = func(c *cobra.Command, args []string) error {
		return withEngine(c.Context(), src, access{quiet: true}, tty, func(e *engine) error {
			record, err := e.catalog.Record(c.Context(), kb.DefaultTenant, args[0])
			if errors.Is(err, kb.ErrNotFound) {
				return fmt.Errorf("%w（没有这个编号的回答：可能抄错，已过保存期，或者在另一个数据目录里）", err)
			}
			if err != nil {
				return err
			}
			again, err := e.guide.Replay(c.Context(), e.catalog, record)
			if err != nil {
				return err
			}
			if *asJSON {
				return printJSON(tty.out, replayed{record, again})
			}
			printReplay(tty.out, record, again, *prompts)
			return nil
		})
	}
	return c
}

// replayed is an answer as it was and as it is today.
type replayed struct {
	Then  kb.Record      `json:"then"`
	Today guide.Replayed `json:"today"`
}

// printReplay writes a replay for the person who has to account for an answer.
func printReplay(w io.Writer, record kb.Record, again guide.Replayed, prompts bool) {
	a := record.Answer
	fmt.Fprintf(w, "问题：%s\n", record.Turn.Question)
	if a.QuestionCompleted != record.Turn.Question {
		fmt.Fprintf(w, "补全：%s\n", a.QuestionCompleted)
	}
	fmt.Fprintf(w, "时间：%s　依据日期：%s　地区：%s\n", record.CreatedAt.In(kb.Shanghai).Format("2006-01-02 15:04:05"), a.AsOf, a.Region)
	fmt.Fprintf(w, "结果：%s（%s）\n%s\n", a.Outcome, a.Mode, a.Text)
	fmt.Fprintf(w, "索引：%s\n", record.Stamp)
	for i, e := range record.Evidence {
		fmt.Fprintf(w, "依据 %d：%s 第%d版　得分 %.3f（词 %.2f，向量 %.3f）\n", i+1, e.PassageID, e.Version, e.Score, e.Lexical, e.Dense)
	}
	for i, c := range record.Calls {
		fmt.Fprintf(w, "调用 %d：%s　模型 %s %s　模板 %.12s　提示词 %.12s　%d+%d 词元　%.1f 秒", i+1, c.Purpose, c.Model, c.Digest, c.Template, c.Prompt, c.Prompted, c.Completed, c.Elapsed.Seconds())
		if c.Fault != "" {
			fmt.Fprintf(w, "　故障：%s", c.Fault)
		}
		fmt.Fprintln(w)
		printRebuilt(w, again.Calls[i], prompts)
	}
	for _, v := range record.Verdicts {
		fmt.Fprintln(w, "核对："+verdictOf(v))
	}
	printToday(w, again)
}

// verdictOf says what became of a sentence.
func verdictOf(v kb.Verdict) string {
	names := map[string]string{
		kb.VerdictVerbatim: "原文照录", kb.VerdictKept: "模型的话，与依据相符", kb.VerdictRetried: "与依据不符，请模型重写",
		kb.VerdictReplaced: "与依据不符，换成原文", kb.VerdictDropped: "没有采用",
	}
	said := names[v.Result]
	if v.Fault != "" {
		said += "（" + v.Fault + "）"
	}
	if v.Sentence != "" {
		said += "：" + oneLine(v.Sentence)
	}
	return said
}

// printRebuilt says whether the prompt of a call was made again byte for byte.
func printRebuilt(w io.Writer, c guide.ReplayedCall, prompts bool) {
	if c.Same {
		fmt.Fprintln(w, "　　提示词已逐字节重现")
	} else {
		fmt.Fprintf(w, "　　提示词没有重现：%s\n", strings.Join(c.Missing, "；"))
	}
	if !prompts {
		return
	}
	names := map[inference.Role]string{inference.System: "系统", inference.User: "用户", inference.Assistant: "助手"}
	for _, m := range c.Messages {
		fmt.Fprintf(w, "　　【%s】\n%s\n", names[m.Role], m.Text)
	}
}

func printToday(w io.Writer, again guide.Replayed) {
	for _, m := range again.Missing {
		fmt.Fprintf(w, "已不在库中：%s\n", m)
	}
	if len(again.Differences) == 0 {
		fmt.Fprintln(w, "今天：没有不同")
		return
	}
	names := strings.NewReplacer(
		"answerability", "可答程度", "outcome", "结果", "mode", "方式", "degraded", "故障部件", "question", "补全的问题",
		"region", "地区", "as_of", "依据日期", "text", "回答", "notes", "提示", "item", "事项", "citation", "引用",
		"index", "索引", "passage", "段落", "call", "调用", "purpose", "用途", "template", "模板", "model", "模型",
		"digest", "权重", "prompt", "提示词", "fault", "故障", "document", "文件", "rule", "规定",
	)
	fmt.Fprintln(w, "今天不同的是：")
	for _, d := range again.Differences {
		fmt.Fprintf(w, "　　%s：%s → %s\n", names.Replace(d.What), oneLine(d.Then), oneLine(d.Now))
	}
}

func oneLine(s string) string {
	if s == "" {
		return "（无）"
	}
	return strings.Join(strings.Fields(s), " ")
}

package ingest

import "fmt"

// Collector gathers the blocks of a reading and keeps them within limits. The zero value has no
// room; make one with NewCollector.
type Collector struct {
	Blocks []Block
	limits Limits
	text   int64
	cells  int
}

// NewCollector returns an empty collector with the room that limits leave.
func NewCollector(limits Limits) *Collector {
	return &Collector{limits: limits.Filled()}
}

// Add appends b. Blocks without text and cells are left out. When the text or the cells pass the
// limits it returns a *ReadError with StatusTooLarge and keeps what it had.
func (c *Collector) Add(b Block) error {
	n, cells := int64(len(b.Text)), 0
	for _, row := range b.Rows {
		cells += len(row)
		for _, cell := range row {
			n += int64(len(cell))
		}
	}
	if n == 0 {
		return nil
	}
	if c.text+n > c.limits.TextBytes {
		return tooMuch(fmt.Sprintf("文字超过 %d MB", c.limits.TextBytes>>20))
	}
	if c.cells+cells > c.limits.Cells {
		return tooMuch(fmt.Sprintf("表格超过 %d 格", c.limits.Cells))
	}
	c.text, c.cells = c.text+n, c.cells+cells
	c.Blocks = append(c.Blocks, b)
	return nil
}

// TextBytes returns how many bytes of text the blocks hold.
func (c *Collector) TextBytes() int64 { return c.text }

func tooMuch(what string) *ReadError {
	return &ReadError{Status: StatusTooLarge, Reason: "文件内容过大（" + what + "），请拆分成几个文件后再上传"}
}

package main

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"xiaoyue/ingest"
	"xiaoyue/kb"
	"xiaoyue/kb/backup"
	"xiaoyue/kb/catalog"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/indexer"
	"xiaoyue/retrieval/pgvector"
)

// remedies say what to do about the faults that an administrator can mend. The first match wins.
var remedies = []struct {
	err    error
	remedy string
}{
	{kb.ErrLocked, "另一个小越正在使用这个数据目录：请先停止它，或用 --data 换一个目录"},
	{kb.ErrFull, "磁盘已满：请腾出空间后重试，已确认写入的内容不会丢失"},
	{fs.ErrPermission, "没有权限，或磁盘只读：请检查数据目录的权限，或用 --data 换一个可写的目录；被数据库拒绝的，请核对用户和 password_file"},
	{kb.ErrSchema, "数据目录由其他版本创建：请使用对应版本的小越，或换一个数据目录"},
	{catalog.ErrOccupied, "恢复从不覆盖：请用 --data 换一个空的数据目录，或换一个空的数据库"},
	{backup.ErrExists, "请换一个文件名，或用 --force 覆盖"},
	{backup.ErrDamaged, "请改用另一份备份"},
	{backup.ErrForeign, "这不是小越的备份，或由更新的版本写成"},
	{kb.ErrUnknownRegion, "请核对 --region 的行政区划代码"},
	{indexer.ErrFilling, "索引正在由目录库重建，完成后自动恢复；没有运行 xiaoyue serve 的，请运行它或 xiaoyue ingest"},
	{retrieval.ErrCorrupt, "索引文件损坏：xiaoyue serve 会自动由目录库重建，期间回答只用目录库；没有运行的，请运行它"},
	{retrieval.ErrStamp, "索引与当前配置不符：运行 xiaoyue serve 或 xiaoyue ingest 会自动重建"},
	{pgvector.ErrExtension, "数据库缺少 pgvector 扩展，或版本太旧；详见 xiaoyue doctor"},
	{retrieval.ErrForeign, "那个名字下存放着别的东西：请换一个名字（schema、prefix 或数据目录），或先移走它"},
	{kb.ErrUnavailable, "一个部分暂时不可用：请稍后重试，或运行 xiaoyue doctor 查看原因"},
	{retrieval.ErrDown, "索引暂时不可用：运行 xiaoyue doctor 查看原因"},
	{context.Canceled, "已中断；再次运行会从停下的地方继续"},
}

// sentence turns an error into one line for the person at the terminal.
func sentence(err error) string {
	line := strings.ReplaceAll(err.Error(), "\n", "; ")
	if fault, ok := errors.AsType[*ingest.ReadError](err); ok {
		return line + "（" + fault.Reason + "）"
	}
	for _, r := range remedies {
		if errors.Is(err, r.err) {
			return line + "（" + r.remedy + "）"
		}
	}
	return line
}

// Package container opens what office files are made of, zip archives and XML parts, under limits.
//
// Both are attack surface: archives that unpack to gigabytes, elements nested without end, entity
// declarations. Every reader of such a format goes through here. What the parts mean is none of
// this package's business.
package container

import (
	"errors"

	"xiaoyue/ingest"
)

func damaged(what string, err error) *ingest.ReadError {
	return &ingest.ReadError{
		Status: ingest.StatusDamaged,
		Reason: what + "，文件可能已损坏或没有传完，请重新获取原件，用 Office 或 WPS 打开另存后再上传",
		Err:    err,
	}
}

func hostile(what string, err error) *ingest.ReadError {
	return &ingest.ReadError{
		Status: ingest.StatusHostile,
		Reason: what + "，正常办公软件不会生成这样的文件，已拒绝读取，请核实来源后重新导出",
		Err:    err,
	}
}

func tooLarge(what string, err error) *ingest.ReadError {
	return &ingest.ReadError{
		Status: ingest.StatusTooLarge,
		Reason: what + "，请拆分成几个较小的文件后再上传",
		Err:    err,
	}
}

// asReadError returns err if it already says what to tell the user, else a damaged one around it.
func asReadError(what string, err error) error {
	var re *ingest.ReadError
	if errors.As(err, &re) {
		return err
	}
	return damaged(what, err)
}

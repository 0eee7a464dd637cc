package main

import (
	"errors"
	"io/fs"
	"strings"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/pgvector"
)

// indexRemedies are the faults of a place of an index, with what to do about each. The first match wins.
var indexRemedies = []struct {
	is     func(error) bool
	remedy string
}{
	{is(pgvector.ErrExtension), "请在数据库服务器上安装 pgvector 0.8.0 或更新版本，并由超级用户执行 CREATE EXTENSION vector（已有旧版时 ALTER EXTENSION vector UPDATE）"},
	{is(kb.ErrSchema), "索引的表由更新版本的小越写入：请使用对应版本，或换一个 schema"},
	{is(retrieval.ErrForeign), "这个名字下存放着别的程序的数据：请在配置里换一个 schema 或 prefix，或先移走它"},
	{is(retrieval.ErrCorrupt), "运行 xiaoyue serve 会自动由目录库重建"},
	{is(retrieval.ErrStamp), "运行 xiaoyue serve 会自动由目录库重建"},
	{is(kb.ErrFull), "存储已满：请腾出空间，已确认写入的内容不会丢失"},
	{is(kb.ErrLocked), "另一个小越正在使用这个索引目录：请先停止它"},
	{refusedPassword, "用户名或密码不对：请检查地址里的用户（Milvus 是 user）和 password_file"},
	{refusedRight, "数据库用户的权限不够：请授予它建 schema、建表和读写的权限"},
	{is(fs.ErrPermission), "目录或文件没有读写权限，或者磁盘是只读的：请检查权限和挂载方式"},
	{is(fs.ErrNotExist), "密码文件读不出来：请检查 password_file"},
	{missingDatabase, "服务器上没有这个数据库：请先建立它，或更正地址（Milvus 是 database）"},
	{loading, "服务器正在装载集合，刚重启的 Milvus 要半分钟：请稍等再看，期间回答只用目录库，装载完自动接上"},
	{away, "连接不上：请检查地址、端口、网络和服务器是否在运行。此时回答只用目录库，恢复后自动接上"},
	{withoutWords, "Milvus 2.4 以前的版本没有稀疏向量：请升级 Milvus，或把词放在旁边（data 目录可写，或配置 catalog.postgres）"},
	{is(kb.ErrInvalid), "配置与这台服务器不合：请核对 index 下的各项"},
}

func is(sentinel error) func(error) bool {
	return func(err error) bool { return errors.Is(err, sentinel) }
}

// says reports what has no sentinel: the words in which a server puts it, in small letters.
func says(err error, words ...string) bool {
	text := strings.ToLower(err.Error())
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// refusedPassword reports what PostgreSQL (class 28) and Milvus say to a wrong user or password.
func refusedPassword(err error) bool {
	return says(err, "sqlstate 28", "auth check failure", "unauthenticated", "password authentication failed")
}

// refusedRight reports insufficient_privilege of PostgreSQL.
func refusedRight(err error) bool { return says(err, "sqlstate 42501") }

// missingDatabase reports invalid_catalog_name of PostgreSQL, and code 800 of Milvus.
func missingDatabase(err error) bool { return says(err, "sqlstate 3d000", "database not found") }

// loading reports a collection that Milvus has on disk and not yet in memory.
func loading(err error) bool {
	return errors.Is(err, retrieval.ErrDown) && says(err, "not loaded", "not fully loaded", "load collection")
}

// withoutWords reports a Milvus without sparse vectors and nothing beside it.
func withoutWords(err error) bool {
	return errors.Is(err, kb.ErrInvalid) && says(err, "has no sparse vectors")
}

// indexFault says what to do about a place of an index that fails.
func indexFault(conf config, err error) finding {
	f := finding{Part: "索引 " + conf.Index.Store, Detail: oneLine(err.Error())}
	for _, r := range indexRemedies {
		if r.is(err) {
			f.Remedy = r.remedy
			return f
		}
	}
	f.Remedy = "请查看服务器的日志；运行 xiaoyue serve 会在它恢复后自动接上"
	return f
}

# 命令行，以及发往外部聊天的内容。
verify-sound = { $place }：完好，共 { $records } 条记录。
verify-damaged = { $place }：已损坏，共 { $count } 处。
verify-head = 最新记录 { $seq }，哈希 { $hash }
verify-tombstones = 已删除内容的记录：{ $count }
verify-unfinished = 记录 { $target } 应由 { $by } 删除内容；下次启动时完成。
verify-next = 未做任何改动。请先完整备份该目录，再用备份恢复损坏的文件；损坏之后的记录仍可读取。
run-opening =
    Lifeboat { $version } 正在监视 { $services }。
    控制台：{ $link }
    （链接只能使用一次，属于操作系统用户 { $user }；`lifeboat token add 名称` 可生成长期令牌）
blind-missing = 文件不存在
blind-nothing-matches = 没有文件与该模式匹配
blind-not-a-file = 它不是文件
blind-lost = Lifeboat 停止期间写入的日志行已找不到；从现有内容继续读取
export-unknown = 没有故障 { $incident }：未写出任何内容。`lifeboat incident list all` 可列出全部故障。
export-by-command = { $incident } 的复盘报告：`lifeboat postmortem { $incident }` 将其打印出来，`lifeboat postmortem { $incident } --format html --out 文件` 将其写成网页。
token-only-reads =
    配置中没有 `console = "{ $name }"` 的 [[person]]：用此令牌登录的人只能读取。
    如需更多权限，请加一个 [[person]]，写上 name、`console = "{ $name }"` 和 `roles = ["responder"]`，然后重新启动 Lifeboat。

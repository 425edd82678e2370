# 命令行，以及发往外部聊天的内容。
verify-sound = { $place }：完好，共 { $records } 条记录。
verify-damaged = { $place }：已损坏，共 { $count } 处。
verify-head = 最新记录 { $seq }，哈希 { $hash }
verify-tombstones = 已删除内容的记录：{ $count }
verify-unfinished = 记录 { $target } 应由 { $by } 删除内容；下次启动时完成。
verify-next = 未做任何改动。请先完整备份该目录，再用备份恢复损坏的文件；损坏之后的记录仍可读取。
drill-opening =
    演练 { $scenario }：模拟的机器，真实的访问日志。这里没有真实操作；一个人可以扮演多人。
    打开：{ $link }
    （链接只能使用一次；本次演练的记录保存在 { $data }）
    按 Ctrl-C 结束演练并给出结果。在控制台输入 `/drill hint` 可得到提示。
run-opening =
    Lifeboat { $version } 正在监视 { $services }。
    控制台：{ $link }
    （链接只能使用一次，属于操作系统用户 { $user }；`lifeboat token add 名称` 可生成长期令牌）
blind-missing = 文件不存在
blind-nothing-matches = 没有文件与该模式匹配
blind-not-a-file = 它不是文件
blind-lost = Lifeboat 停止期间写入的日志行已找不到；从现有内容继续读取
export-unknown = 没有故障 `{ $name }`：未写出任何内容。`lifeboat incident list all` 可列出全部故障。
drill-over-prevented = 演练 { $scenario }：已预防，用户从未受影响。
drill-over-nothing = 演练 { $scenario }：用户没有受影响。
drill-over-mitigated = 演练 { $scenario }：{ $ttm } 后恢复。
drill-over-failing = 演练 { $scenario }：用户仍受影响。
drill-over-numbers = 发现用时 { $ttd }，响应用时 { $tta }，解决用时 { $ttr }；损失的健康 Pod：{ $pods }；花费：{ $money }；造成损害的操作：{ $wrong }
drill-over-postmortem = 复盘：lifeboat --data-dir { $data } postmortem 编号 --format html

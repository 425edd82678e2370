# 命令行，以及发往外部聊天的内容。
verify-sound = { $place }：完好，共 { $records } 条记录。
verify-damaged = { $place }：已损坏，共 { $count } 处。
verify-damage = { $file }，第 { $line } 行，字节 { $byte }：{ $fault }
verify-none = { $place }：此处没有记录。未作任何更改。下一步：指定运行过的 Lifeboat 的 `data_dir`，或其中的 log/。
verify-torn = 末尾有 { $bytes } 字节未写完的记录，从未被确认：或是正在运行的 Lifeboat 刚好在写，或将在下次启动时截去并另存。
verify-head = 最新记录 { $seq }，哈希 { $hash }
verify-tombstones = 已删除内容的记录：{ $count }
verify-unfinished = 记录 { $target } 应由 { $by } 删除内容；下次启动时完成。
verify-next = 未做任何改动。请先完整备份该目录，再用备份恢复损坏的文件；损坏之后的记录仍可读取。
run-watches = Lifeboat { $version } 正在监视 { $services }。
run-watches-nothing = Lifeboat { $version } 尚未监视任何服务：配置中没有服务。请加一个 [[service]]，写上 name 和 `logs`（`lifeboat check --example` 有示例），然后重新启动 Lifeboat。
run-opening =
    { $watched }
    控制台：{ $link }
    （链接只能使用一次，属于操作系统用户 { $user }；`lifeboat token add 名称` 会给出长期有效的链接）
blind-missing = 文件不存在
blind-nothing-matches = 没有文件与该模式匹配
blind-not-a-file = 它不是文件
blind-lost = Lifeboat 停止运行或读取滞后期间写入的日志行已找不到；从现有内容继续读取
export-unknown = 没有事件 { $incident }：未写出任何内容。`lifeboat incident list all` 可列出全部事件。
export-by-command = { $incident } 的复盘报告：`lifeboat postmortem { $incident }` 将其打印出来，`lifeboat postmortem { $incident } --format html --out 文件` 将其写成网页。
token-way-in =
    登录请打开 { $link }
    此链接可反复使用，直到 `lifeboat token revoke "{ $name }"`；浏览器登录后保持 { $days } 天。持有此链接的人都能用它登录。
token-only-reads =
    配置中没有 `console = "{ $name }"` 的 [[person]]：用此令牌登录的人只能读取。
    如需更多权限，请加一个 [[person]]，写上 name、`console = "{ $name }"` 和 `roles = ["responder"]`，然后重新启动 Lifeboat。
fault-layout = 不是记录的格式
fault-unfinished = 该行不完整
fault-blank = 记录之间有空行
fault-newer = 记录版本 { $found } 高于此 Lifeboat 能读取的最高版本 { $newest }；请使用较新的 Lifeboat
fault-hash = 哈希与记录头不符
fault-payload = 内容的 SHA-256 不符
fault-chain = 链已断开：`prev` 不是前一条记录的哈希
fault-number = 应为记录 { $expected }，实为 { $found }
fault-group = 该记录所属的一次写入不完整
fault-fields = 字段无法读取：{ $why }
fault-tombstone = 内容已删除，但没有要求删除它的记录（{ $by }）
fault-name = 按文件名，首条记录应为 { $promised }
open-in-use = 无法打开 { $place }：进程 { $pid } 正在使用它；未做任何改动。请停止那个 Lifeboat，或换一个目录。
open-in-use-by-unknown = 无法打开 { $place }：另一个进程正在使用它；未做任何改动。请停止那个 Lifeboat，或换一个目录。
open-damaged = 无法打开日志，已损坏：{ $damage }。未做任何改动；`lifeboat verify` 可列出全部损坏之处和处理办法。
open-newer = 无法打开日志，由较新的 Lifeboat 写入：{ $damage }。未做任何改动。
open-unknown-file = 无法打开 { $place }：此 Lifeboat 不认识该文件；未做任何改动。请使用较新的 Lifeboat。
open-missing = 无法打开 { $place }：没有该文件或目录；未做任何改动。请用 --data-dir 或在配置中指定另一个目录。
blind-not-understood = 连续一百行都无法识别

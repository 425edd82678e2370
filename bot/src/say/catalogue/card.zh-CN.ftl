# The card of an incident.
card-title-over = { $title }：已结束。是否已缓解？
card-title-mitigated = 已缓解：{ $title }
card-title-resolved = 已解决：{ $title }，历时 { $length }
card-title-resolved-only = 已解决：{ $title }
card-title-closed = 已关闭：{ $title }，历时 { $length }
card-title-closed-only = 已关闭：{ $title }
card-title-cancelled = 已取消：{ $title }
card-title-merged = 转入 { $into } 继续：{ $title }

card-meta-since = 自 { $at } 起
card-meta-seen = { $at } 发现
card-meta-taken = 由 { $person } 接手
card-meta-taken-by-nobody = 已接手
card-meta-silenced = 静音至 { $until }
card-meta-ended = { $from } 至 { $to }，{ $severity }

card-row-impact = 影响
card-row-says = Pod 报错
card-row-likely = 线索
card-row-changed = 变化
card-row-open = 未完成
card-row-next = 下一步

card-not-known = 不详
card-impact-more = { $told }；另有 { $more } 条告警
card-changed-nothing = 尚无
card-changed = { $at } { $told }
card-changed-by = { $at } { $person }：{ $told }
card-open-tasks = { $all } 项任务中的 { $open } 项
card-next-take = 等待有人接手
card-next-command = 等待有人担任总指挥
card-next-line = { $line } · { $why }
card-next-update = 发布下一次进展
card-next-mitigate = 由人确认：自 { $since } 起已缓解
card-next-resolve = 消除原因，然后设为已解决
card-next-close = 完成复盘报告，然后关闭

card-do-take = 我来处理
card-do-command = 担任总指挥
card-do-update = 发布进展
card-do-silence = 静音 30 分钟
card-do-identified = 已找到原因
card-do-mitigate = 设为已缓解
card-do-resolve = 设为已解决
card-do-close = 关闭
card-do-reopen = 重新打开
card-do-postmortem = 复盘报告
card-do-plan = 查看 { $plan }
card-impact-so-far = 共 { $total } 个请求，{ $bad } 个失败
card-impact-failed = 共 { $bad } 个请求失败
card-impact-of = { $service }：{ $told }
card-impact-at = { $told } · 统计至 { $at }

# One sentence of truth: how bad, then why; at most 40 characters.
incident-sentence-http = { $service } 有 { $share } 的请求返回 { $code }。
incident-sentence-absent = { $service } 没有请求到达。
incident-sentence-probe = 从外部无法访问 { $service }。
incident-sentence-probe-why = 从外部无法访问 { $service }：{ $why }。
incident-sentence-http-upstream = { $service } { $share } 请求 { $code }，全部来自 { $name }。
incident-sentence-http-fleet = { $service } 有 { $share } 的请求返回 { $code }。{ $why }。
incident-sentence-failed-start = { $service } 有 { $bad }/{ $total } 个 Pod 无法启动。
incident-sentence-failed-start-fleet = { $service } 有 { $bad }/{ $total } 个 Pod 无法启动。{ $why }。
incident-sentence-capacity = { $service } 的 { $total } 个定时节点只到了 { $ready } 个。
incident-sentence-capacity-by = { $service } 的 { $total } 个定时节点只到 { $ready } 个，{ $by } 前须就绪。
incident-sentence-capacity-sold-out = { $total } 个定时节点只到 { $ready } 个：售罄。{ $by } 前须全部就绪。
incident-sentence-over = { $title }：自 { $since } 起结束，尚无人确认。
incident-sentence-mitigated = { $title }：{ $at } 起已缓解。
incident-sentence-mitigated-fails = { $title }：{ $at } 起已缓解，仍在告警。
incident-sentence-resolved = { $title }：{ $at } 已解决。
incident-sentence-closed = { $title }：{ $at } 已关闭。
incident-sentence-cancelled = { $title }：已取消。
incident-sentence-merged = { $title }：转入 { $into } 继续。
incident-sentence-plain = { $title }：{ $status }。

incident-clock-ttd = 发现用时
incident-clock-tta = 接手用时
incident-clock-ttm = 缓解用时
incident-clock-ttr = 解决用时
incident-clock-not-yet = 尚未
incident-clock-not-known = 不详

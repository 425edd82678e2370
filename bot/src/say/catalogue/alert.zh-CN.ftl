# What an alert is about: stable titles, then what it tells with numbers.
alert-title-http = { $service } 出现 { $code }
alert-title-absent = { $service } 没有请求
alert-title-probe = { $service } 无法访问
alert-title-failed-start = { $service }：启动失败
alert-title-capacity = { $service }：容量不能按时就绪
alert-title-test = 测试告警
alert-title-unknown = 告警 { $alert }

alert-state-http = { $service } 出现 { $code }：{ $share } 的请求
alert-state-fails = { $service }：{ $share } 的请求失败
alert-state-probe = { $service } 无法访问：{ $why }

alert-told-http = { $service } 出现 { $code }：{ $window }内 { $total } 个请求中 { $bad } 个失败（{ $share }）
alert-told-absent = { $service } 在 { $window }内没有请求；此前 { $span }内有 { $total } 个
alert-told-absent-only = { $service } 在 { $window }内没有请求
alert-told-probe = 从外部无法访问 { $service }：{ $why }
alert-told-probe-unknown = 从外部无法访问 { $service }
alert-told-failed-start = { $service }：{ $total } 个 Pod 中 { $bad } 个无法启动
alert-told-capacity = { $service }：{ $total } 个定时节点只到了 { $ready } 个
alert-told-test = 测试告警：告警可以送达。这不是故障。

alert-why-refused = 连接被拒绝
alert-why-timed-out = { $limit }内无应答
alert-why-wrong-status = 返回 { $status }，应为 { $expected }
alert-why-text-missing = 应答中没有应有的文字
alert-why-tls = TLS 失败（证书过期、名称不符或不受信任）
alert-why-name = 域名无法解析
alert-why-broken = 连接中断

alert-impact-http = { $window }内 { $total } 个请求中 { $bad } 个失败；此前 { $before }
alert-impact-http-only = { $window }内 { $total } 个请求中 { $bad } 个失败
alert-impact-http-none = { $window }内 { $total } 个请求无一失败；待五分钟正常
alert-impact-absent = 没有请求到达；此前 { $span }内有 { $total } 个
alert-impact-absent-only = 没有请求到达
alert-impact-probe = 从外部无法访问：{ $why }
alert-impact-probe-unknown = 从外部无法访问
alert-impact-failed-start = { $total } 个 Pod 中 { $bad } 个无法启动
alert-impact-capacity = 目前没有：{ $total } 个定时节点只到了 { $ready } 个
alert-impact-test = 无：仅为测试
alert-impact-over = 共 { $total } 个请求，{ $bad } 个失败，最坏一分钟 { $peak }；现在 { $now }
alert-impact-over-short = 共 { $total } 个请求，{ $bad } 个失败；现在 { $now }
alert-impact-over-probe = 已可访问
alert-impact-over-absent = 请求已恢复到达
alert-impact-over-failed-start = Pod 已全部正常启动
alert-impact-over-capacity = 定时节点已到齐

# What the evidence points at; never a guess.
alert-points-upstream = 所见失败全部来自上游 { $name }
alert-points-upstream-most = { $whole } 个失败中 { $count } 个来自上游 { $name }
alert-points-upstreams = 失败来自 { $count } 个上游
alert-points-upstreams-many = 失败来自至少 { $count } 个上游
alert-points-path = 所见失败全部在 { $name }
alert-points-path-most = { $whole } 个失败中 { $count } 个在 { $name }
alert-points-client = 所见失败全部属于同一网段 { $name }
alert-points-client-most = { $whole } 个失败中 { $count } 个属于同一网段 { $name }
alert-points-nowhere = 尚不明确

alert-chip-log = 日志 ×{ $n }
alert-chip-upstreams = { $n } 个上游
alert-chip-paths = { $n } 个路径
alert-chip-clients = { $n } 个网段
alert-chip-line = { $name }：{ $n } 个失败
alert-state-failed-start = { $service }：{ $total } 个 Pod 中 { $bad } 个无法启动
alert-state-capacity = { $service }：{ $total } 个定时节点只到了 { $ready } 个

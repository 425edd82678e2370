# What `lifeboat analyze` tells of a log.
analyze-summary = { $lines } 行，{ $size }：{ $requests } 个请求，{ $malformed } 行格式错误。
analyze-summary-span = { $lines } 行，{ $size }，{ $first } 至 { $last }：{ $requests } 个请求，{ $malformed } 行格式错误。
analyze-statuses = 状态码 { $list }
analyze-status = { $status }：{ $n }（{ $share }）
analyze-list = { $list }，{ $next }
analyze-incidents = { $n ->
    [0] 未发现故障。
   *[other] 发现 { $n } 起故障：
 }

analyze-incident = { $service } { $kind }：{ $total } 个请求中有 { $bad } 个失败，最严重时 { $share }。
analyze-silence = { $service } { $kind }。
analyze-course = 开始：{ $started }；发现：{ $detected }；缓解：{ $mitigated }。
analyze-course-open = 开始：{ $started }；发现：{ $detected }；日志结束时仍未恢复。
analyze-returned = 其间曾恢复，又复发 { $n } 次；恢复期间的请求不计入。
analyze-returned-silence = 其间曾恢复，又中断 { $n } 次。
analyze-time-unknown = 未知
analyze-untimed = 时间读不出的请求：{ $total } 个中有 { $n } 个。这些请求按前一个请求的时间计；前面没有时间的，结果中不写时间。没有时区的时间不会采用，请写成 2026-01-02T03:04:05Z 这样。
analyze-upstreams = 上游：{ $list }

analyze-kind-bad-gateway = 网关错误（502）
analyze-kind-server-error = 服务器错误
analyze-kind-unavailable = 服务不可用（503）
analyze-kind-gateway-timeout = 网关超时（504）
analyze-kind-absent = 没有请求

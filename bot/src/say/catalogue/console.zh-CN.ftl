# 控制台服务器自己说的话：请求为何没有被处理，以及演练横幅。

console-wrong-host = 这不是 Lifeboat 的地址：应通过 { $places } 访问。没有显示或更改任何内容。请从那里打开，或在 lifeboat.toml 中设置 public_url。
console-wrong-token = 此 Bearer 令牌未知或已被撤销。没有显示或更改任何内容。可用 lifeboat token add NAME 新建一个。
console-no-token = 登录请打开 lifeboat token add NAME 打印的链接：本页地址后接 /login?token=令牌。您没有登录。
console-wrong-link = 此链接已用过，或其令牌未知。您没有登录。请打开 lifeboat token add NAME 打印的链接：本页地址后接 /login?token=令牌。也可重新启动 Lifeboat，获得只能用一次的新链接。
console-too-many = 您的地址发来了太多错误令牌。您没有登录。请在 { $seconds } 秒后重试。
console-not-signed-in = 此处无人登录，页面为只读。没有更改任何内容。请打开 lifeboat run 打印的链接，或 lifeboat token add NAME 打印的链接。
console-wrong-origin = 此请求由其他网站的页面发出。没有更改任何内容。请在本页面上操作：{ $places }
console-no-header = 此请求缺少 X-Lifeboat: 1 标头。没有更改任何内容。请随 Cookie 一起发送。
console-not-json = 此请求不是 JSON。没有更改任何内容。请使用 Content-Type: application/json 发送。
console-bad-request = 无法读取此请求（{ $why }）。没有更改任何内容。
console-too-large = 此请求超过 64 KiB。没有更改任何内容。请缩短文字。
console-too-slow = Lifeboat 没有及时回应。是否有更改尚不清楚；请刷新页面查看后再重试。
console-stopping = Lifeboat 正在停止。是否有更改尚不清楚；待其恢复运行后，请刷新页面查看再重试。
console-not-found = 这里什么也没有。没有更改任何内容。请返回页面。
console-no-incident = 没有事件 { $incident }。
console-no-channel = 没有频道 { $channel }。
console-no-service = 没有计数过请求的服务 { $service }。
console-many-streams = 同时关注 Lifeboat 的页面太多。请关闭一个；本页会自动重试。
console-not-stored = 您没有登录：会话无法保存（{ $why }）。请检查数据目录，然后重新打开链接。
console-may-read = 只读
console-drill = 这里的一切都不是真的，也不会惊动任何人。一个人可以扮演多人：在行首写 @second 即以 second 的身份发言。平静时时间过得更快。
console-drill-over = 演练结束：用户已不受影响。记录与复盘报告保留。
console-drill-over-failing = 演练结束：用户仍受影响。记录与复盘报告保留。

# What the console page says in Simplified Chinese. `ui-` keys only; no selectors.
# Regions and views
ui-skip = 跳到命令行
ui-rail = 事件与频道
ui-views = 视图
ui-now = 现况
ui-chat = 聊天
ui-timeline = 时间线
ui-more = 更多
ui-facts = 现况
ui-messages = 消息
ui-drill = 演练

# The rail
ui-open = 进行中的事件
ui-channels = 频道
ui-closed = 最近关闭
ui-none = 无
ui-unread = { $n } 条未读
ui-reader = 只读
ui-language = 语言
ui-theme = 主题
ui-light = 浅色
ui-dark = 深色
ui-all-keys = 全部按键

# The state header and the strips
ui-since = 自 { $at } 起
ui-age = （{ $age }）
ui-was = 此前 { $word }
ui-nobody = 无人
ui-take = 我来
ui-take-role = 担任：{ $role }
ui-flag-offline = 离线
ui-offline-sentence = 本页于 { $at } 与 Lifeboat 失去联系。
ui-offline-strip = 所见为 { $at } 的状态。草稿保留，暂停发送。
ui-next-try = { $s } 秒后重试。
ui-readonly-strip = 可阅读全部，不能改动。要操作，请打开 Lifeboat 启动时给出的链接，或 lifeboat token add NAME 给出的链接。

# The chat
ui-no-channel = 无频道
ui-today = 今天
ui-new = { $n } 条新消息
ui-earlier = 更早 { $n } 条
ui-waiting = 尚未记录
ui-unrecorded = 未记录
ui-pinned = 已入时间线
ui-pin = 加入时间线
ui-only-you = 仅你可见
ui-again = 重新发送
ui-drop = 丢弃
ui-close = 关闭
ui-go-to = 前往 { $name }
ui-open-export = 打开
ui-no-answer = 没有应答，不知 Lifeboat 是否已收到。重发前请先看它是否出现。
ui-outcome-done = 完成
ui-outcome-shown = 答复
ui-outcome-refused = 已拒绝
ui-outcome-failed = 失败
ui-outcome-unknown = 尚不明确
ui-why-readonly = 只读。
ui-why-offline = 无法连接 Lifeboat，暂停发送。

# The card
ui-card-state = { $id }，第 { $n } 版
ui-card-waits = 第 { $n } 版，待你离开卡片后显示
ui-changed = 已变动，请重读

# The command line
ui-line = 消息或命令
ui-line-hint = 输入消息，或以 / 开始命令
ui-options = 补全
ui-send = 发送
ui-hint-choose = 选择
ui-hint-close = 关闭

# Facts
ui-chart = { $service } 失败占比（%）
ui-chart-day = { $service } 失败占比（%），近 24 小时
ui-chart-since = { $service } 失败占比（%），自 { $at } 起
ui-chart-caption = { $service }：现在 { $now } 的请求失败，窗口内最高 { $peak }；告警阈值 { $limit }。
ui-usual = 平日 { $n }
ui-now-share = 现在
ui-limit = 阈值 { $n }
ui-no-data = { $at } 起无数据
ui-no-requests = 无请求
ui-unknown = 未知
ui-of-requests = { $total } 次请求中 { $bad } 次
ui-as-table = 以表格显示
ui-col-time = 时间
ui-col-share = 占比
ui-col-bad = 失败
ui-col-total = 请求
ui-col-event = 转折点
ui-percent = { $n }%
ui-tasks = 任务
ui-tasks-open = { $total } 项中 { $open } 项未完成
ui-task-done = 已完成
ui-sees = Lifeboat 看到什么
ui-silent = 无声
ui-no-sources = 未配置来源。请在 lifeboat.toml 中指定访问日志。
ui-none-closed = 尚无已关闭的事件。

# The timeline
ui-entries = { $n } 条，{ $zone }
ui-earlier-from = 更早 { $n } 条，自 { $at }
ui-gap = { $age }无记录
ui-no-entries = 尚无条目。
ui-recorded = 记于 { $at }
ui-corrected = 已更正
ui-note = 记一条
ui-export = 导出

# Times
ui-dur-s = { $s } 秒
ui-dur-min = { $m } 分 { $s } 秒
ui-dur-h = { $h } 小时 { $m } 分
ui-dur-d = { $d } 天 { $h } 小时

# Keys
ui-key-line = 命令行
ui-key-choose = 选择，或调出历史
ui-key-take = 采用
ui-key-send = 发送
ui-key-newline = 换行
ui-key-close = 关闭，再回到原处
ui-key-plan = 到方案的批准、拒绝按钮；回车按下
ui-key-note = 记入时间线
ui-key-pin = 钉住所选消息
ui-key-entries = 下一条、上一条
ui-key-unread = 下一条未读
ui-key-regions = 聊天、现况、时间线
ui-key-next = 下一区域
ui-key-chart = 沿图移动；Shift：逐个转折点
ui-key-export = 导出
ui-key-all = 本列表
ui-single-keys = 启用单字母按键
ui-next = 建议的下一步
ui-next-how = 点击填入命令行，回车才发送
ui-capacity = { $cluster }：{ $headline }
ui-stale = 太旧，不能据此操作
ui-node = 节点
ui-standbys = 备用
ui-schedules = 定时计划
ui-blast-now = 现在
ui-blast-lowest = 最低
ui-blast-after = 之后
ui-plan-state = { $id }，第 { $n } 版
ui-plan-show = 查看 { $id }
ui-back = 返回
ui-type-first = 输入 { $text } 后继续
ui-countdown = 还剩 { $age }
ui-speak = 发言身份
ui-speak-as = 以 { $person } 的身份
ui-hint = 提示
ui-speed = 比真实快 { $n } 倍

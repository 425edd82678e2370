# What stands on messages in a chat outside, besides what cards and notices say everywhere.
chat-drill = 演练
chat-taken-by = 接手：
chat-lead = 指挥：
chat-channel = 频道
chat-status = 状态：{ $status }。{ $sentence }
chat-state = 状态号 { $n }
chat-beat = 若已超过 5 分钟未更新，说明 Lifeboat 没有在更新
chat-who = 人员
chat-worse = { $to }（原 { $from }）
chat-timeline = 时间线（最新在后）
chat-work = 未完成的工作
chat-asked-by = 申请人：
chat-expires = 失效时间：
chat-plan-footer = { $plan } · 哈希 { $hash } · 批准只对这一份方案有效
chat-away = Discord 曾无法连接
chat-away-here = 此频道曾无法发送消息
chat-away-nothing = 其间没有事件发生变化。
chat-away-record = 其间的消息都在控制台和时间线中，此处不再重复。
chat-farewell = 频道已归档，附复盘报告
chat-goes-on = { $subject } 的最新状态见新消息。
chat-do-newest = 最新消息
chat-do-page = 在控制台打开

place-open = 进行中事件的分类
place-closed = 已关闭事件的分类
chat-console = 控制台
chat-webhook = Webhook
chat-discord = Discord

chat-to-timeline = 加入时间线
noun-incident = 处理事件：从第一句话到复盘报告
noun-alert = 哪些告警在触发、哪些已静默，以及验证告警能送达
noun-node = 增加、重启、排空、迁移和移除工作节点
noun-cluster = 检查、诊断、冻结和切换集群
noun-capacity = 启动工作节点的定时计划及其状况
noun-plan = 批准或否决方案、暂停、继续
noun-drill = 在模拟机群上的演练

chat-alerts-topic = 哪里出了故障，以及后续如何。{ $mark }
chat-open-category = 事件
chat-closed-category = 已关闭的事件
chat-unreadable = 无法读懂这次操作，没有执行任何动作。编号 { $reference }。下一步：改用控制台或命令行，并报告此编号。
chat-crowded = 等待 Discord 接收的答复已经太多，没有执行任何动作。下一步：一分钟后重新执行，或改用控制台或命令行。
chat-outdated = 这属于另一个版本的 Lifeboat，没有执行任何动作。下一步：使用更新的消息，或直接输入命令。
chat-stranger = 你的 Discord 账号不对应任何已配置的人员，因此只读。没有更改任何内容。下一步：请在 lifeboat.toml 中你的条目里加上 discord = "{ $id }"。
chat-stranger-or-role = 你的 Discord 账号不对应任何已配置的人员，因此只读。没有更改任何内容。下一步：请在 lifeboat.toml 中你的条目里加上 discord = "{ $id }"，或者请人给你 { $roles }。
chat-postmortem = { $incident } 的复盘报告：
chat-missed-before = { " 我在 " }
chat-missed-between = { " 时离线，错过了 " }
chat-missed-after = 。没有执行任何动作，请重新执行。
chat-cut-done = Lifeboat 在这条命令记录之后随即停止：命令已执行，见时间线。
chat-cut-lost = Lifeboat 在这条命令记录之前停止：没有执行任何动作，请重新执行。
chat-unclear = Discord 没有确认是否及时收到 Lifeboat 的应答：没有执行任何动作，请重新执行。
chat-not-configured = 此配置没有 [discord]：控制台就是聊天。按 docs/discord.md 十分钟即可接入 Discord。

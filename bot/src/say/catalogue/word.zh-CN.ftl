# Single words: statuses, milestones, roles, kinds of tasks, clocks, the words on flags.
word-status-investigating = 调查中
word-status-identified = 已定位
word-status-mitigated = 已缓解
word-status-resolved = 已解决
word-status-closed = 已关闭
word-status-cancelled = 已取消

word-milestone-started = 开始
word-milestone-detected = 发现
word-milestone-declared = 创建
word-milestone-acknowledged = 接手
word-milestone-identified = 定位
word-milestone-mitigated = 缓解
word-milestone-resolved = 解决
word-milestone-closed = 关闭

word-role-commander = 总指挥
word-role-operations = 操作
word-role-communications = 沟通
word-role-scribe = 记录

word-task-mitigate = 止损
word-task-prevent = 预防
word-task-detect = 更早发现
word-task-other = 其他

word-refused-not-signed-in = 未登录
word-refused-not-allowed = 没有权限
word-refused-line = 命令无法读懂
word-refused-not-recording = 当时无法记录
word-refused-then = 与当时的状态不符

word-flag-quiet = 平静
word-flag-blind = 看不见
word-flag-ended = 已结束
word-flag-void = 已作废

word-permission-reader = 只读
word-permission-responder = 响应
word-permission-operator = 操作
word-permission-approver = 审批
word-permission-commander = 指挥
word-permission-admin = 管理

word-list = { $list }，{ $next }
word-names = { $list }、{ $next }
word-sentences = { $list }；{ $next }
word-or = { $list }或{ $next }
word-discord-role = Discord 角色 { $role }
word-role-holders = 拥有 { $role } 的任何人
word-role-configured = 已配置且拥有 { $role } 的人员

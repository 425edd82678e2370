# 演练开始与结束时的话，在终端与页面上。
drill-opening =
    演练 { $scenario }：{ $title }

    打开：{ $link }
    （链接只能使用一次；本次演练的记录保存在 { $data }）

    这里没有真实操作：机器是模拟的，访问日志是真的。一个人可以扮演多人。
    那边现在是 { $now }。{ $pace }
    先看 #alerts，再输入 /capacity show 和 /cluster diagnose；`/drill hint` 给出提示。
    按 Ctrl-C 结束演练并给出结果。
drill-pace-even = 时间以 { $times } 倍速流逝。
drill-pace = 平静时以 { $quiet } 倍速流逝；有事需要处理时放慢到 { $awake } 倍。
drill-stands-still = 演练已结束，时间停止。控制台仍可查看；按 Ctrl-C 结束并给出结果。
drill-over-prevented = 演练 { $scenario }：已预防，用户从未受影响。
drill-over-nothing = 演练 { $scenario }：用户没有受影响。
drill-over-early = 演练 { $scenario }：提前结束，用户尚未受影响。
drill-over-mitigated = 演练 { $scenario }：{ $ttm } 后恢复。
drill-over-failing = 演练 { $scenario }：用户仍受影响。
drill-over-numbers = 发现用时 { $ttd }，响应用时 { $tta }，解决用时 { $ttr } · 损失的健康 Pod：{ $pods } · 花费：{ $money }
drill-over-counted = 自 { $from } 用户开始受影响算起，至 { $to } 用户恢复正常。
drill-over-counted-open = 自 { $from } 用户开始受影响算起。
drill-well = 做得好的地方
drill-well-warning = 在用户受影响之前就对预警采取了行动
drill-well-taken = 5 分钟内有人接手
drill-well-looked = 动机器之前先查了原因
drill-well-canary = 先重启一个节点并确认效果，再处理其余节点
drill-well-nothing-lost = 没有操作损失健康的 Pod
drill-costs = 时间花在哪里
drill-cost-warning = { $length }：预警已发出，却没有批准任何操作
drill-cost-not-taken = { $length }：已发现，但无人接手
drill-cost-not-decided = { $length }：已接手，但没有批准任何操作
drill-cost-in-vain = { $length }：{ $plan }（{ $what }）未能验证效果
drill-cost-waited = { $length }：{ $plan }（{ $what }）等待同意
drill-wrong = 造成损害或没有帮助的操作
drill-not-proven = 一个 /{ $verb } 方案未能验证效果
drill-left-paused = 一个 /{ $verb } 方案暂停超过 10 分钟，其间用户一直收到错误
drill-harm-healthy-pods-lost = 终止了运行正常的 Pod
drill-harm-last-serving-lost = 终止了最后仍在服务的 Pod
drill-harm-rebooted-what-was-well = 重启了没有问题的节点
drill-harm-stopped-what-is-sold-out = 停掉了已售罄规格的机器，无法再启动
drill-harm-shifted-to-what-cannot-carry-it = 把流量切到了承受不住的集群
drill-harm-closed-the-entry = 关闭了请求入口所在的节点
drill-harm-launched-in-vain = 新买的机器没有派上用场
drill-better = 更好的第一步：{ $move }
drill-broken = Lifeboat 违反了自己的规则，这是我们的缺陷：{ $what }
drill-papers = 复盘
drill-record = 记录：{ $data }

# 节点、集群、定时计划、演练。
fleet-none = 没有配置集群：Lifeboat 只做观察。
fleet-not-seen = { $cluster }：还没有看到任何数据
fleet-never = 从未看到
fleet-cluster = { $cluster }：{ $wanted } 个节点中 { $serving } 个在服务（{ $age } 前的数据）
fleet-frozen = 已冻结：Lifeboat 不会改动它（kubectl 不受约束）
fleet-node = { $mark } { $node }：{ $state }
fleet-node-fails = { $mark } { $node }：{ $state }；失败：{ $probes }
fleet-node-serving = 在服务
fleet-node-serving-cordoned = 在服务，已停止调度
fleet-node-idle = 就绪，但没有服务
fleet-node-cordoned = 就绪，已停止调度
fleet-node-down = 未就绪
fleet-node-unknown = 没有消息
fleet-check-green = 现在可以承接流量。
fleet-check-red = 现在不能承接流量：{ $items }
fleet-check-red-since = 现在不能承接流量：{ $items }；上次可以是 { $at }
fleet-standby-green = { $cluster } 现在能承接流量
fleet-standby-green-at = { $cluster } 现在能承接流量；上次检查通过是在 { $age } 前
fleet-standby-red = { $cluster } 不能承接流量（{ $wanted } 个中 { $serving } 个在服务）：{ $items }
fleet-standby-red-at = { $cluster } 不能承接流量（{ $wanted } 个中 { $serving } 个在服务）：{ $items }；上次能承接是在 { $age } 前
fleet-check-facts = 数据太旧
fleet-check-nodes = 就绪节点太少
fleet-check-serving = 在服务的节点太少
fleet-check-failed-starts = 有 Pod 启动失败
fleet-check-managers = 管理节点没有多数
fleet-check-answers = 通过流量入口没有应答
fleet-check-name-resolution = 域名解析失败
fleet-check-agent = 节点代理没有应答
fleet-check-egress = 连不上外部依赖
fleet-check-image-pull = 拉不到镜像
fleet-probe-name-resolution = 域名解析
fleet-probe-agent = 节点代理
fleet-probe-egress = 外部依赖
fleet-probe-image-pull = 镜像拉取
fleet-probe-capacity = 容量
fleet-probe-node-loss = 节点存活
fleet-probe-join = 加入集群
fleet-probe-entry = 入口
fleet-diagnosis = { $of } 个节点中有 { $n } 个{ $what }失败
fleet-diagnosis-nothing = Lifeboat 没有看到失败。
fleet-verdict-node-path = 节点到域名服务器的路径坏了；原地重启可以恢复。先试一个节点。
fleet-verdict-name-servers = 是域名服务器失败，不是节点：重启工作节点没有用。
fleet-verdict-registry = 拉不到镜像：不要启动、重启或切换需要拉镜像的东西。
fleet-verdict-agents = 节点代理没有消息，但 Pod 可能正常：查清之前不要动节点。
fleet-verdict-too-few = 节点不够用：增加节点。
fleet-verdict-egress = Pod 连不上所依赖的服务：切回能连上的集群。
fleet-verdict-application = Pod 因自身原因失败：看看它们的输出。
fleet-verdict-wanderer = 每个倒下的节点上都有同一个工作负载：把它关在一个节点上，并请它的负责人停掉。加节点只会喂给它。
fleet-verdict-never-join = 新造的机器在运行，却始终没有成为节点：启动以前能用的机器，不要再造这种。
fleet-verdict-entry = 入口后面一切正常，但没有人能通过入口：绕开它，切到另一个集群。
fleet-verdict-cordoned = 节点被封锁之后就没有人能通过入口了：撤销封锁。
fleet-action = 下一步：{ $line }
fleet-worst-row = { $of } 个节点中有 { $failed } 个{ $probe }失败
fleet-earlier = { $incident }（{ $at }）故障特征相同。当时有效的做法：{ $helped }
fleet-earlier-unknown = 没有记录
card-row-serving = 服务容量
card-row-capacity = 定时计划
card-row-fallbacks = 有货
card-row-standby = 备用集群
card-row-probes = 最差探测
card-row-verdict = 指向
card-row-earlier = 以前
card-row-plan = 方案
event-cluster-frozen = { $cluster } 已冻结：{ $reason }。Lifeboat 不会改动它；kubectl 不受约束
event-cluster-unfrozen = { $cluster } 已解除冻结
event-cluster-green = ✓ { $cluster } 现在可以承接流量
event-cluster-red = ✕ { $cluster } 现在不能承接流量：{ $items }
event-fleet-blind = 看不到 { $what }：{ $why }
event-fleet-seen = 又能看到 { $what }
event-diagnosed = { $cluster }：{ $of } 个节点中 { $n } 个{ $what }失败。{ $verdict }
event-diagnosed-nothing = { $cluster }：Lifeboat 没有看到失败
event-drill-opened = { $drill } 开始：在模拟的机器上演练，与这里的一切无关
event-drill-closed = { $drill } 已结束
event-drill-called-off = { $drill } 已中止：真实服务出现故障
event-drill-started =
    演练 { $scenario }（种子 { $seed }）。{ $title }
    这里没有真实操作。Lifeboat 监视模拟机器上的服务；发生的事都写在本频道，每个事件有自己的频道。
    查看：/capacity show、/cluster list、/cluster diagnose。改动机器的操作先给出方案，再用 /plan approve 同意。
    一个人可以扮演多人：在行首写 @second。卡住了：/drill hint。结束：/drill stop。
event-drill-ended = { $n ->
    [0] 演练结束：用户已不受影响
   *[other] 演练结束：用户已不受影响；{ $n } 步造成了损害
 }
event-drill-ended-early = 演练提前结束：用户尚未受影响
event-drill-ended-failing = { $n ->
    [0] 演练结束：用户仍受影响
   *[other] 演练结束：用户仍受影响；{ $n } 步造成了损害
 }
reply-drill-stops = 演练结束，#alerts 会给出结果。此后时间停止，记录仍可查看。
reply-drill-starts = 演练单独进行，有自己的记录。在终端运行：lifeboat drill
reply-drill-began =
    { $drill } 已开始，与这里的一切无关：有自己的记录和编号，机器是模拟的。
    打开：{ $link }
    （链接只能使用一次，归您使用；需在 Lifeboat 所在的机器上访问）
    { $pace }
reply-drill-failed = 演练未能开始：{ $why }。没有任何改变。
fleet-dated = { $told } · { $at }
fleet-seen = { $at } 的数据
fleet-seen-old = { $at } 的数据，太旧，不能据此操作
fleet-row-serving = { $cluster }：{ $wanted } 个节点中 { $serving } 个在服务
fleet-serve = { $wanted } 个节点中 { $serving } 个在服务
fleet-traffic = 承接 { $n }% 的流量
fleet-frozen-by = { $person } 于 { $at } 冻结：{ $reason }
fleet-seat-serves = 在服务
fleet-seat-held = 不接收 Pod
fleet-seat-idle = 就绪，没有服务
fleet-seat-down = 未就绪
fleet-seat-unknown = 没有消息
fleet-seat-missing = 缺
fleet-column-name-resolution = 域名
fleet-column-agent = 代理
fleet-column-egress = 外部
fleet-column-image-pull = 镜像
fleet-column-pods = Pod
fleet-cell-pass = 通过
fleet-cell-fail = 失败
fleet-cell-unknown = 无法查看
fleet-cell-none = 未查看
fleet-cell-at = { $at }
fleet-cell-said = { $at }：{ $said }
fleet-matrix-green = { $n } 个节点探测全部通过
fleet-matrix-folded = 另有 { $n } 个，全部通过
fleet-matrix-folded-failing = 另有 { $n } 个，其中 { $failing } 个失败
fleet-diagnosis-few = 应有 { $wanted } 个节点，现有 { $up } 个
fleet-never-green = 从未通过
fleet-green-ago = { $age }前通过
fleet-schedule-brings = 节点池 { $pool } 的 { $n } 个节点，下次 { $next }
event-diagnosed-few = { $cluster }：应有 { $of } 个节点，现有 { $up } 个。{ $verdict }
suggest-nobody-has-it = 还没有人接手
suggest-over = 失败已停止：须由人确认
suggest-mitigated = 用户已不受影响：原因消除后
suggest-resolved = 已解决：查看复盘报告
suggest-sound = { $n } 个节点已恢复健康，仍不接收 Pod
suggest-canary = 先试一个故障节点：对比前后探测，看重启是否有效
suggest-canary-helped = { $incident } 当时靠重启恢复：先试一个故障节点，对比前后探测
suggest-rest = { $plan } 证明重启有效：接着重启仍故障的 { $n } 个，在服务的逐个进行
suggest-together = 网站已停：{ $n } 个故障节点分批重启，不排空
suggest-missing = 缺 { $n } 个节点；新节点先隔离，探测通过后才接收 Pod
suggest-beyond = 该有的节点都在服务，用户仍收到错误：可能是负载超出了它们的能力
suggest-standby = { $cluster } 现在可以承接流量
suggest-refill = 它们恢复后是空的：那个工作负载只占其中一个，其余可接收 Pod；一开始服务就再对它关上
suggest-goes-on = 暂停的原因已消除：可以继续
suggest-paused-by-person = 由人暂停：可以继续
suggest-looks-again = 会先重新查看不明的步骤，绝不盲目重做
suggest-tries-again = 会重试失败的那一步
suggest-fails-again = 这一步已失败两次，再试也无用：在此结束，才能改做别的
suggest-or-end = 或在此结束，并说明遗留了什么，才能改做别的
suggest-held-up = 暂停的原因仍在：在此结束，才能改做别的
suggest-frozen = { $cluster } 已冻结，方案因此停住：先问冻结的人，解冻后即可继续
suggest-no-longer-so = 当初同意的情况已变：在此结束，再重新提出
suggest-look = 哪个节点的哪项探测失败
suggest-stock = 定时计划的结论，以及哪些规格有货
fleet-finding-name-resolution = { $of } 个节点中有 { $n } 个域名解析失败
fleet-finding-entry = { $of } 个节点中有 { $n } 个经入口无法访问
fleet-finding-agent = { $of } 个节点中有 { $n } 个代理没有应答
fleet-finding-egress = { $of } 个节点中有 { $n } 个连不上外部依赖
fleet-finding-image-pull = { $of } 个节点中有 { $n } 个拉不到镜像

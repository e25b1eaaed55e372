//! The words that texts are made of, by what they are in a sentence. English ones are set apart by spaces, and so are the
//! Chinese ones, whose sentences have none.

/// What an English sentence is made of.
pub(super) const NAMES: &str = "Maya Jonas Priya Oliver Hannah Mehmet Sofia Daniel Ingrid Kofi Laura Pedro Yuki Amira Tomasz \
    Elena Marcus Fatima Henrik Chloe Rahul Greta Samuel Nadia Victor Bianca Anton Leila Oscar Paula";

pub(super) const NOUNS: &str = "account address agenda agreement airport answer apartment appointment archive article \
    attachment backup badge balance battery bench bicycle branch bridge browser budget building button cable cache calendar \
    camera campaign car card carpet case chair channel charger checklist city client clock coffee column comment company \
    complaint computer conference contract copy corner counter country course cover customer dashboard database date deadline \
    deal decision delivery deploy design desk diagram dinner discount door draft driver drawer email employee engine error \
    estimate evening event example exit fan feature field figure file filter firewall flight floor folder form fridge garden \
    gateway graph group guest guide hallway header heater hotel house icon idea image index input insurance invoice issue item \
    jacket job journey kernel key keyboard kitchen label ladder lamp laptop lawyer layout letter library licence line link list \
    loan lock logo lunch machine manager manual map market meeting menu message metric microphone migration minute mirror model \
    module monitor morning network newsletter notebook number offer office order outage page paint panel paper parcel parking \
    partner password patch path payment pencil phone picture pipeline plan plant platform plug policy portal poster presentation \
    price printer process product profile program project proposal proxy purchase quarter query question queue quote radio \
    railway ratio receipt recipe record refund region release reminder repair report request review reward river roof room \
    route router salary sample scanner schedule school screen script search season seat sensor server session shelf shipment \
    sign signature site slide socket software sofa solution speaker spreadsheet staff stage stairs station statement station \
    stock storage store story street student subject summary supplier survey switch table tablet task tax team template tenant \
    terminal test theme thread ticket timer token tool topic tower toy track trade train training translation tray trip truck \
    update upload vendor version video village visit voucher wall warehouse watch weather website week wheel window winter wire \
    workshop worker writer yard year";

pub(super) const VERBS: &str = "accepted added adjusted answered approved archived asked blocked booked borrowed broke brought \
    built called cancelled changed charged checked cleaned closed collected compared confirmed connected copied corrected counted \
    covered created delayed deleted delivered described designed discussed doubled drew dropped edited emptied ended exported \
    extended finished fixed flagged followed forgot found froze guessed handled hid hired ignored imported improved installed \
    invited joined kept labelled launched left lifted listed loaded locked logged lost made mailed managed marked measured mended \
    merged mixed mounted moved muted named needed noticed offered opened ordered packed painted parked pasted paused picked \
    planned posted prepared pressed printed promised pulled pushed raised reached read rebuilt received recorded refused removed \
    renamed repaired replaced reported requested reserved restarted returned reviewed rolled saved scanned scheduled sent shared \
    shipped shortened showed signed skipped solved sorted split started stopped stored suggested swapped switched tested told took \
    tracked translated tried tuned turned typed unplugged updated uploaded used wanted warned washed watched wrapped wrote";

pub(super) const ADJECTIVES: &str = "absent active annual awful bad basic big blue bright broken brown busy calm careful cheap \
    clean clear clever closed cold common complete cool correct curious daily damaged dark dead deep different dirty double dry \
    dusty early easy empty exact expensive extra fair faint familiar fast fine first flat foreign fragile free fresh friendly full \
    funny general gentle glad golden good great green grey half handy happy hard heavy hidden high honest hot huge important \
    inner internal joint kind large last late lazy legal light little local lonely long loose loud low lucky main missing modern \
    monthly narrow neat new next nice noisy normal odd old open orange outer patient perfect plain polite poor possible private \
    proper public purple quick quiet rare raw ready real recent red regular remote rich right rough round rusty sad safe second \
    secret separate serious shared sharp short shy silent silver simple slow small smart smooth soft solid sorry spare special \
    square stable steady steep strange strict strong sudden sure sweet tall temporary thick thin third tidy tiny tired top urgent \
    useful usual vague valid warm weak weekly wet white whole wide wild wooden wrong yellow young";

pub(super) const LINKS: &str = "with for behind near from under about before after without beside against inside beyond during \
    despite around above below through";

pub(super) const WHEN: &str = "today|yesterday|on Monday|on Tuesday|on Friday|this morning|last week|after lunch|at noon|just now|\
    before the call|around ten|over the weekend|twice|again|in the end|by accident|as usual|for once|in a hurry|too late|\
    on the way home|without asking|since April|until six|during the demo";

pub(super) const OPENERS: &str = "I think|By the way,|Good morning,|Sorry,|It seems|To be honest,|Does anybody know why|I heard that|\
    As far as I can see|Looks like|Just so you know,|Maybe|Funny,|Thanks,|Wait,|Honestly,|No idea why|Good news:|I am afraid|Yes,";

pub(super) const CLOSERS: &str = "can somebody check?|any ideas?|I'll write it down.|no hurry.|thanks!|see the ticket.|what do you think?|\
    let's talk tomorrow.|I will look into it.|that surprised me.|nobody knows why.|please don't touch it.|all good now.|my fault.|\
    who has the key?|should be fine.|sounds right to me.|let me know.";

/// What a Chinese sentence is made of.
pub(super) const ZH_NAMES: &str = "小王 李娜 张伟 陈静 刘洋 老赵 小林 杨帆 周杰 吴敏 郑浩 孙丽 马超 朱婷 胡军 郭芳 何平 高翔 罗兰 梁雨 宋佳 唐磊 韩雪 冯刚";

pub(super) const ZH_NOUNS: &str = "账号 地址 议程 协议 机场 答案 公寓 预约 档案 文章 附件 备份 胸牌 余额 电池 长椅 自行车 分支 大桥 浏览器 预算 大楼 按钮 \
    电缆 缓存 日历 相机 活动 汽车 卡片 地毯 案例 椅子 频道 充电器 清单 城市 客户 时钟 咖啡 专栏 评论 公司 投诉 电脑 会议 合同 副本 角落 柜台 国家 课程 \
    封面 顾客 仪表盘 数据库 日期 截止日 交易 决定 快递 部署 设计 书桌 图表 晚饭 折扣 大门 草稿 司机 抽屉 邮件 员工 引擎 错误 估算 晚上 事件 例子 出口 \
    风扇 功能 字段 数字 文件 过滤器 防火墙 航班 楼层 文件夹 表格 冰箱 花园 网关 曲线 小组 访客 指南 走廊 标题 暖气 酒店 房子 图标 想法 图片 索引 输入 保险 \
    发票 问题 项目 外套 工作 旅程 内核 钥匙 键盘 厨房 标签 梯子 台灯 笔记本 律师 布局 信件 图书馆 许可证 线路 链接 列表 贷款 门锁 商标 午饭 机器 经理 \
    手册 地图 市场 菜单 消息 指标 麦克风 迁移 镜子 模型 模块 显示器 早上 网络 通讯 本子 号码 报价 办公室 订单 故障 页面 油漆 面板 纸张 包裹 停车场 伙伴 \
    密码 补丁 路径 付款 铅笔 手机 照片 流水线 计划 植物 平台 插头 政策 门户 海报 演示 价格 打印机 流程 产品 资料 程序 提案 代理 采购 季度 查询 队列 收音机 \
    铁路 比例 收据 菜谱 记录 退款 地区 版本 提醒 维修 报告 请求 评审 奖励 河边 屋顶 房间 路由器 工资 样品 扫描仪 日程 学校 屏幕 脚本 搜索 座位 传感器 服务器 \
    会话 书架 货物 招牌 签名 网站 幻灯片 插座 软件 沙发 方案 音箱 楼梯 车站 声明 库存 仓库 商店 故事 街道 学生 主题 摘要 供应商 问卷 开关 平板 任务 税务 团队 \
    模板 租户 终端 测试 线程 工单 计时器 令牌 工具 话题 高塔 玩具 轨道 火车 培训 翻译 托盘 出差 卡车 更新 视频 村子 优惠券 墙壁 手表 天气 车轮 窗户 冬天 车间";

pub(super) const ZH_VERBS: &str = "接受 添加 调整 回复 批准 归档 询问 屏蔽 预订 借走 弄坏 带来 搭建 取消 修改 检查 清理 \
    关闭 收集 比较 确认 连接 复制 纠正 清点 创建 推迟 删除 送到 描述 讨论 加倍 画出 放弃 编辑 清空 结束 导出 延长 \
    完成 修好 标记 跟进 忘记 找到 冻结 猜到 处理 隐藏 忽略 导入 改进 安装 邀请 加入 保留 发布 离开 列出 加载 锁定 \
    丢失 寄出 管理 测量 合并 混合 移动 静音 命名 需要 注意到 提供 打开 订购 打包 粉刷 停好 粘贴 暂停 挑选 安排 准备 \
    打印 答应 推送 提高 读完 重建 收到 录下 拒绝 拿走 改名 替换 汇报 申请 保存 扫描 发送 分享 缩短 展示 签署 跳过 \
    解决 整理 拆分 启动 停止 建议 交换 切换 测试 追踪 翻译 尝试 调优 拔掉 更新 上传 使用 提醒 观察 包装 写好";

pub(super) const ZH_ADJECTIVES: &str = "活跃 年度 糟糕 基本 很大 蓝色 明亮 坏掉 忙碌 小心 便宜 干净 清楚 聪明 冷门 常见 完整 \
    正确 奇怪 每天 损坏 黑暗 不同 双份 干燥 早期 简单 空白 准确 昂贵 额外 公平 熟悉 快速 国外 脆弱 免费 新鲜 友好 \
    有趣 通用 绿色 方便 困难 沉重 隐藏 很高 诚实 巨大 重要 内部 联合 最后 迟到 合法 本地 很长 松动 幸运 主要 缺少 \
    现代 每月 整齐 吵闹 正常 古老 公开 完美 普通 可能 私人 合适 安静 罕见 真实 最近 红色 定期 远程 粗糙 生锈 安全 \
    秘密 单独 严肃 共享 短暂 缓慢 光滑 结实 备用 特殊 稳定 突然 临时 很薄 紧急 有用 模糊 有效 温暖 每周 潮湿 错误";

pub(super) const ZH_WHEN: &str = "今天 昨天 星期一 星期三 星期五 今天早上 上个星期 午饭以后 中午 刚才 开会之前 十点左右 周末 两次 又一次 最后 不小心 像平时一样 \
    匆匆忙忙 太晚了才 回家路上 没有问人就 四月以来 六点以前 演示的时候 月底 放假之前 凌晨";

pub(super) const ZH_OPENERS: &str = "我觉得， 顺便说一下， 早上好， 不好意思， 看起来 说实话， 有人知道吗， 听说 据我所知， 可能 真有意思， 谢谢， 等一下， 好消息： 恐怕 对， \
    不知道为什么， 我猜 刚刚发现， 请注意，";

pub(super) const ZH_CLOSERS: &str = "谁能看一下？ 有什么想法吗？ 我会记下来。 不着急。 谢谢！ 请看工单。 你们怎么看？ 明天再说吧。 我来查一查。 有点意外。 没人知道原因。 请先别动。 现在好了。 \
    是我的错。 钥匙在谁那里？ 应该没问题。 我同意。 有消息告诉我。";

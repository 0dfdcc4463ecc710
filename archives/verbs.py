"""What the audit says of acts on the register, records and exchange."""

from django.utils.translation import gettext_lazy as _

from agricredit.foundation.audit.registry import register

register(
    {
        "producer.registered": _("登记生产主体 {target}"),
        "producer.changed": _("变更 {target} 的档案：{fields}"),
        "producer.confirmed": _("确认 {target} 的档案信息"),
        "producer.status_changed": _("将 {target} 的状态由 {before} 改为 {after}，理由：{reason}"),
        "producer.merged": _("将 {target} 合并至 {into}，理由：{reason}"),
        "producer.unmerged": _("撤销 {target} 与 {into} 的合并，理由：{reason}"),
        "duplicate.distinct": _("判定 {target} 与 {other} 不是同一主体，理由：{reason}"),
        "duplicate.reopened": _("撤销 {target} 与 {other} 不是同一主体的判定，理由：{reason}"),
        "idle.noticed": _("告知 {target} 拟注销其档案，期限至 {until}，理由：{reason}"),
        "idle.kept": _("核实 {target} 仍在生产经营，理由：{reason}"),
        "producer.holdings_loaded": _("批量载入主体产品 {products} 项、地块 {plots} 块"),
        "producer.product_added": _("为 {target} 增加产品 {product}"),
        "producer.plot_added": _("为 {target} 增加地块 {plot}"),
        "membership.granted": _("授予 {user} 办理 {target} 事务的权限（{role}）"),
        "membership.revoked": _("收回 {user} 办理 {target} 事务的权限，理由：{reason}"),
        "membership.acted": _("代 {target} 办理事务"),
        "record.entered": _("为 {target} 录入{noun}"),
        "offline.sent": _(
            "补传 {target} 在手机上离线记的 {count} 笔，其中 {taken} 笔记入（代办：{on_behalf}）"
        ),
        "offline.handed_over": _("替 {made_by} 补传其为 {target} 离线记的 {count} 笔"),
        "photo.added": _("为 {target} 的记录加照片"),
        "records.entered": _("批量录入{noun} {count} 条"),
        "record.reversed": _("撤销 {target}，理由：{reason}"),
        "record.disposed": _("登记 {target} 的不合格处置：{disposal}"),
        "reviews.confirmed": _("核实生产记录 {count} 条"),
        "reviews.undone": _("撤回对 {count} 条生产记录的核实"),
        "reviews.drawn": _("为 {townships} 个乡镇随机抽取 {first} 至 {last} 录入的记录 {count} 条，待核实"),
        "reviews.configured": _("设置 {target} 的记录抽取比例：{percent}%，{least} 至 {most} 条"),
        "review.returned": _("退回 {target} {day} 的{noun}记录，理由：{reason}"),
        "review.answered": _("说明 {target} {day} 被退回的{noun}记录"),
        "review_substitute.assigned": _("安排 {user} 代核 {target} 的记录至 {until}，理由：{reason}"),
        "review_substitute.ended": _("结束 {user} 代核 {target} 的安排，理由：{ended}"),
        "records.disposals_settled": _("核对到期未处置的不合格检测 {count} 条"),
        "region_change.drafted": _("登记区划变更 {target}，共 {lines} 行"),
        "region_change.confirmed": _("核准区划变更 {target}，自 {day} 生效"),
        "region_change.cancelled": _("取消区划变更 {target}，理由：{reason}"),
        "region_change.applied": _(
            "执行区划变更 {target}：主体 {producers} 个、地块 {plots} 块、账号 {users} 个"
        ),
        "regions.loaded": _("载入行政区划 {count} 条，停用 {ended} 条"),
        "products.loaded": _("载入农产品目录 {count} 条"),
        "producers.loaded": _("批量登记主体 {new} 个，变更 {changed} 个"),
        "import.started": _("上传导入文件 {target}（{sheet}），摘要 {sha256}"),
        "import.confirmed": _("确认导入 {target}：{rows} 行，另有错误 {faulty} 行不导入"),
        "import.discarded": _("放弃导入 {target}"),
        "import.done": _("导入完成 {target}（{sheet}）：写入 {written} 行，错误 {faulty} 行"),
        "archive.imported": _("导入信用档案：主体 {producers} 个，信用信息 {events} 条"),
        "archive.exported": _("导出信用档案（范围：{region}）：主体 {producers} 个，信用信息 {events} 条"),
    }
)

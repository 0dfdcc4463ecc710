"""What the audit says about accounts."""

from django.utils.translation import gettext_lazy as _

from agricredit.foundation.audit.registry import register

register(
    {
        "account.created": _("开设账号{target}（{role}，用户名{username}）"),
        "account.role_assigned": _(
            "将{target}由{role_before}（区划{region_before}）改为{role}（区划{region}）"
        ),
        "account.changed": _("修改账号{target}的{fields}"),
        "account.deactivated": _("停用账号{target}，原因：{reason}"),
        "account.reactivated": _("恢复账号{target}，原因：{reason}"),
        "account.second_factor_reset": _("重置{target}的二次验证，原因：{reason}"),
        "account.password_reset": _("重置{target}的密码，原因：{reason}"),
        "account.password_changed": _("{target}修改了自己的密码"),
        "account.unused_disabled": _("停用{count}个超过{days}天未登录的账号"),
        "account.entered": _("{target}登录"),
        "account.left": _("{target}退出登录"),
        "account.refused": _("账号{target}登录未成功：密码不正确"),
        "account.second_factor_set": _("{target}设置了二次验证"),
        "account.recovery_codes_made": _("{target}重新生成了恢复码"),
        "key.issued": _("为{holder}签发接口密钥{target}"),
        "key.revoked": _("吊销接口密钥{target}"),
    }
)

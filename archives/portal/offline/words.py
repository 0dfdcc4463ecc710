"""The app's own sentences, in the language of the page; everything else it says comes from the questions."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _


def words() -> dict[str, Any]:
    """By the names under which the scripts ask for them; %(blanks)s are filled on the phone."""
    return {**_entry(), **_states(), **_pages(), **_handing()}


def _entry() -> dict[str, Any]:
    return {
        "month_day": _("%(month)s月%(day)s日"),
        "full_day": _("%(year)s年%(month)s月%(day)s日"),
        "days": [_("今天"), _("昨天"), _("前天")],
        "day": _("日期"),
        "earlier": _("更早，在下面选日期"),
        "other_day": _("其他日期"),
        "further": _("再填几项，记录更完整（可不填）"),
        "required": _("请填写。"),
        "choose": _("请选一项。"),
        "choose_day": _("请选日期。"),
        "future": _("日期不能晚于今天。"),
        "number": _("请填数字。"),
        "at_least": _("不能小于 %(least)s。"),
        "at_most": _("不能大于 %(most)s。"),
        "places": _("最多 %(places)s 位小数。"),
        "next": _("下一步"),
        "save": _("保存"),
        "save_anyway": _("情况属实，保存"),
        "mind": _("请留意"),
        "step": _("%(act)s · 第 %(number)s 步，共 %(count)s 步"),
        "before": _("‹ 上一步"),
        "other_act": _("‹ 换一种"),
        "look_again": _("核对一下"),
        "change": _("改"),
        "change_of": _("改：%(title)s"),
        "empty": _("没填"),
        "too_early": _(
            "%(day)s起才可采收，现在还不能采。确实已经采了的，写明原因再保存：会记为没有遵守间隔期，这一批不能卖。"
        ),
        "first_day": _("%(what)s %(day)s起可采收"),
        "too_early_animals": _(
            "%(day)s起才可上市，现在还不能出栏、捕捞。确实已经发生的，写明原因再保存：会记为没有遵守休药期，这一批不能卖。"
        ),
        "no_sale": _(
            "%(day)s起才可采收，没到日子的不能卖。是别的地块采的，先记采收，再从那一批卖。"
            "确实已经卖了的，写明原因再保存，监管人员会核实。"
        ),
        "no_sale_animals": _(
            "%(day)s起才可上市，没到日子的不能卖。不是用过药的那些，先记一批，再从那一批卖。"
            "确实已经卖了的，写明原因再保存，监管人员会核实。"
        ),
        "first_day_animals": _("%(what)s %(day)s起可上市"),
        "photo": _("照片（可不拍）"),
        "photo_take": _("拍照或选一张照片"),
        "photo_hint": _("农药、肥料的标签或收据，备查时用得上。"),
        "photo_kept": _("照片已存在手机上，跟这一笔一起发送。"),
        "photo_waiting": _("等记录发出后发送"),
        "photo_sent": _("已发送"),
        "no_photo": _("这不是照片，请拍照或选 JPG、PNG 图片。"),
        "full": _("手机存满了，这一步没存下。请先联网发送，或删掉不要的照片。"),
        "unsent": _("还没发送"),
        "discard": _("不要了，删除"),
        "mend": _("改这一笔"),
        "mending": _("改正"),
        "mending_text": _("改好发送后，原来那一笔会撤销，留着备查。"),
        "clock_put_right": _("手机时间不准，已按平台的时间算：今天是%(day)s。"),
    }


def _states() -> dict[str, Any]:
    return {
        "states": {
            "draft": _("已暂存"),
            "waiting": _("待发送"),
            "sent": _("已发送"),
            "refused": _("要修改"),
            "conflict": _("冲突"),
        },
        "state_hints": {
            "draft": _("没填完，随时可以接着填。"),
            "waiting": _("已填好，存在这台手机上；有网络就按顺序发送。"),
            "sent": _("平台已经收到。"),
            "refused": _("平台没有收下，点开看原因，改好再发或删除。"),
            "conflict": _("两台手机上不一样，点开选一个。"),
        },
        "all_sent": _("全部已发送"),
        "no_line_short": _("没网络"),
        "kept": _("已存在手机上"),
        "kept_text": _("现在没有网络，有网络时会自动发送。关掉页面、关机都不会丢。"),
        "held": _("要先处理它用到的那一笔"),
        "held_look": _("去看那一笔"),
        "sending": _("正在发送……"),
        "sent_head": _("已保存。"),
        "sent_text": _("平台已经收到。"),
        "refused_head": _("平台没有收下这一笔"),
        "correct": _("去修改"),
        "send_as_is": _("日期没错，照原样发送"),
        "try_again": _("再发一次"),
        "remove": _("删除"),
        "remove_sure": _("真的删除？再点一次"),
        "conflict_head": _("两台手机上记的不一样"),
        "theirs": _("平台上的（%(by)s，%(at)s）"),
        "theirs_reversed": _("平台上的这一笔已经撤销。"),
        "mine": _("这台手机上的"),
        "keep_theirs": _("用平台上的，删掉手机上的"),
        "keep_mine": _("用手机上的，撤销平台上的"),
        "keep_both": _("是两件事，都留下"),
        "expired": _("登录已过期"),
        "expired_text": _("没发出去的都还在手机上。请用原来的账号登录，登录后自动发送。"),
        "log_in": _("登录"),
        "not_sent": _("没有发出去"),
        "go_on": _("接着填"),
        "send_now": _("现在发送"),
        "clock_head": _("手机时间不准"),
        "clock_slow": _("手机的时间慢了约 %(amount)s，请在手机设置里改成自动。"),
        "clock_fast": _("手机的时间快了约 %(amount)s，请在手机设置里改成自动。"),
        "days_off": _("%(count)s 天"),
        "hours_off": _("%(count)s 小时"),
        "minutes_off": _("%(count)s 分钟"),
    }


def _pages() -> dict[str, Any]:
    return {
        "acts": _("今天做了什么？"),
        "record": _("① 记一笔"),
        "queue": _("发送情况"),
        "recent": _("最近记的"),
        "again": _("再记一次"),
        "again_of": _("再记一次：%(line)s"),
        "another": _("再记一笔别的"),
        "home": _("回首页"),
        "see": _("看这一笔"),
        "producer": _("主体"),
        "on_behalf": _("代办"),
        "helping": _("正在代%(name)s办理，都会记下是您办的。"),
        "other_producer": _("换一家"),
        "choose_producer": _("今天替谁办？"),
        "no_products": _("档案里还没有产品"),
        "no_products_text": _(
            "记录要写明是哪种产品。请联系乡镇监管人员，把您种养的产品和地块登记到档案里；"
            "买投入品现在就可以记。"
        ),
        "purchase_first": _("先记买投入品"),
        "no_line": _("没有网络"),
        "no_worker": _("这个浏览器没有网络时打不开新页面"),
        "no_worker_text": _(
            "去没有网络的地方前先打开这一页，别关，照样可以记；记好的存在手机上，关了也不会丢，有网络时再打开就发送。"
            "用手机自带的浏览器打开，添加到桌面，随时都能记。"
        ),
        "no_line_text": _("照样可以记，有网络时自动发送。"),
        "all_records": _("全部记录"),
        "sell_hint": _("卖货、记录、合格证一次办好"),
        "sell_head": _("卖货开证"),
        "sell_needs_line": _("开证要有网络"),
        "sell_why": _("合格证的编号和二维码由平台当场开出，要随货走；没有证的货先不要交，有网络再开。"),
        "sell_meanwhile": _("现在可以先把采收记好，有网络时选这一批，点两下就能开证。"),
        "sell_first": _("先记"),
        "needs_line": _("这一页要联网才能看"),
        "needs_line_text": _("有网络时再打开；记一笔现在就可以。"),
        "reload": _("重新打开这一页"),
        "nothing": _("这台手机上没有没发送的记录。"),
        "fallback": _("这个浏览器只能少量暂存，请尽快联网发送。"),
        "foreign": _("这台手机上还有%(name)s的 %(count)s 笔没有发送，请用那个账号登录后发送。"),
        "first_line": _("请先联网打开一次"),
        "first_line_text": _("这台手机上还没有您的地块和产品。联网打开一次以后，没有网络也能记。"),
        "nobody": _("这台手机上还没有人登录过。请联网登录一次，以后没有网络也能记。"),
    }


def _handing() -> dict[str, Any]:
    return {
        "handing": _("手机坏了、要换手机"),
        "handing_text": _(
            "把没发送的导出成文件或文字，在另一台手机上用同一个账号（或由代办人）联网导入，或交给乡镇、县里的工作人员"
            "代为导入。文件是加密的，只有平台打得开。两台都发也只记一次。"
        ),
        "export_file": _("导出成文件"),
        "export_text": _("导出成文字"),
        "import_file": _("从文件导入"),
        "import_text": _("或把文字粘贴在这里"),
        "import_do": _("导入文字"),
        "imported": _("导入了 %(taken)s 笔，%(left)s 笔没有导入（已经有了，或不是您能办的主体）。"),
        "imported_twin": _("这一笔和手机上已有的一笔编号相同、内容不同，请核对后再发送或删除。"),
        "no_cipher": _("这个浏览器不能加密，不能导出。请换一个浏览器打开，或者有网络时直接发送。"),
        "import_line": _("导入要联网：现在连不上平台，请稍后再试。"),
        "file_name": _("没发送的记录"),
    }

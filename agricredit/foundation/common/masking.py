"""How personal data is shown to people who need to recognise it but not to have it."""

HIDDEN = "*"


def mask_name(name: str) -> str:
    """``张三丰`` → ``张**``: the first character stays; the length is not shown."""
    return name[:1] + HIDDEN * 2 if name else ""


def mask_phone(phone: str) -> str:
    """``13812345678`` → ``138****5678``; anything shorter than eight digits is hidden whole."""
    if len(phone) < 8:
        return HIDDEN * len(phone)
    return phone[:3] + HIDDEN * (len(phone) - 7) + phone[-4:]


def mask_identity(number: str) -> str:
    """``360426199101010071`` → ``3****************1``: neither division nor birthday can be read."""
    if len(number) < 8:
        return HIDDEN * len(number)
    return number[0] + HIDDEN * (len(number) - 2) + number[-1]

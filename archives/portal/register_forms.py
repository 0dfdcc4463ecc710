"""Forms of single pages of 我的档案."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common.files.uploads import SIZE_LIMITS
from archives.models import Producer, Product


class EndForm(forms.Form):
    """Why it no longer holds."""

    reason = forms.CharField(
        label=_("为什么不再有效"), max_length=240, help_text=_("如：换证了、人走了、地退租了")
    )


class PhotoForm(forms.Form):
    """A photo or scan."""

    upload = forms.FileField(
        label=_("拍照或选文件"), help_text=_("照片不超过10 MB，PDF不超过20 MB"),
        widget=forms.ClearableFileInput(
            attrs={"accept": "image/jpeg,image/png,application/pdf", "data-shrink": SIZE_LIMITS["jpg"]}
        ),
    )  # fmt: skip


class SignForm(forms.Form):
    """Having read it, the producer promises and writes its name."""

    agreed = forms.BooleanField(label=_("我已阅读并承诺"), required=False)
    signer = forms.CharField(label=_("签署人姓名"), max_length=80, required=False)


class AreaForm(forms.Form):
    """How much of it is grown."""

    area_mu = forms.DecimalField(
        label=_("面积（亩）"), max_digits=10, decimal_places=2, required=False, localize=False
    )


class NewProductForm(AreaForm):
    """A product of the catalogue that the producer does not grow yet."""

    product = forms.ModelChoiceField(
        label=_("种养什么"), queryset=Product.objects.none(), empty_label=_("请选择")
    )
    field_order = ("product", "area_mu")

    def __init__(self, data: object, producer: Producer) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # a QueryDict or None
        field = self.fields["product"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - declared so above
        trades = Product.objects.filter(sector__in=producer.sectors) if producer.sectors else Product.objects
        field.queryset = trades.exclude(growers__producer=producer).order_by("category", "code")

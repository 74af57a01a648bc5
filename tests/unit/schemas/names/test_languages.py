"""Tags of languages as feeds write them, and as Google's news sitemaps take them."""

import pytest

from newsman_schemas.names.languages import language_tag, shared_language, sitemap_language


@pytest.mark.parametrize(
    ("sent", "tag", "in_sitemap"),
    [
        ("en", "en", "en"),
        (" EN_us ", "en-us", "en"),
        ("pt-BR", "pt-br", "pt"),
        ("nb", "nb", "nb"),
        ("no", "no", "no"),
        ("nn-NO", "nn-no", "nn"),
        ("fil", "fil", "fil"),
        ("en-US-u-ca-gregory", "en-us-u-ca-gregory", "en"),
        ("iw", "he", "he"),
        ("in-ID", "id-id", "id"),
        ("ji", "yi", "yi"),
        ("zh", "zh", "zh-cn"),
        ("zh-Hans", "zh-hans", "zh-cn"),
        ("zh-Hant", "zh-hant", "zh-tw"),
        ("zh-CN", "zh-cn", "zh-cn"),
        ("zh_TW", "zh-tw", "zh-tw"),
        ("zh-HK", "zh-hk", "zh-tw"),
        ("zh-SG", "zh-sg", "zh-cn"),
        ("zh-Hans-HK", "zh-hans-hk", "zh-cn"),
        ("zh-Hant-CN", "zh-hant-cn", "zh-tw"),
        ("cmn-Hant", "zh-hant", "zh-tw"),
        ("zho", "zh", "zh-cn"),
    ],
)
def test_a_language_has_its_tag_and_its_code(sent, tag, in_sitemap):
    assert (language_tag(sent), sitemap_language(sent)) == (tag, in_sitemap)


@pytest.mark.parametrize(
    "sent",
    [None, "", "xx", "und", "mul", "zxx", "qaa", "English", "e", "en-", "-en", "en--gb", "x-own",
     "i-klingon", "en; q=1", "<en>", "é", "en-" + "a" * 9],
)  # fmt: skip
def test_what_names_no_language_has_none(sent):
    assert language_tag(sent) is sitemap_language(sent) is None


@pytest.mark.parametrize(
    ("sent", "shared"),
    [
        (["en", "en"], "en"),
        (["pt-BR", "pt_br", None, "??"], "pt-br"),
        (["en-GB", "en-US", "en"], "en"),
        (["en", "de"], None),
        (["nb", "no"], None),
        ([None, "English"], None),
        ([], None),
    ],
)
def test_the_shared_language_covers_every_one_that_is_named(sent, shared):
    assert shared_language(sent) == shared

"""What the service offers everybody: sample elements and voices, and the voices of speech.

The ids of its real presets are not published; these are the simulator's own. The TTS names are those of kling.json
`limits.tts_voice_examples` (likely, an open list).
"""

from __future__ import annotations

from collections.abc import Mapping

elements: Mapping[str, tuple[str, str, str]] = {  # id: name, description, tag
    "829000000000000001": ("Lantern keeper", "an old keeper in a blue coat, with a brass lantern", "o_102"),
    "829000000000000002": ("Harbour cat", "a grey cat with a white chest", "o_103"),
    "829000000000000003": ("Paper boat", "a small boat folded from a sheet of newspaper", "o_104"),
}
old_elements: Mapping[str, tuple[str, str, str]] = {
    "160000000000001": ("Gardener", "a gardener with a straw hat", "o_102"),
}
voices: Mapping[str, str] = {
    "829000000000000101": "Calm narrator",
    "829000000000000102": "Young guide",
    "829000000000000103": "Old captain",
    "829000000000000104": "Evening host",
}
tags: Mapping[str, str] = {
    "o_101": "hot", "o_102": "character", "o_103": "animal", "o_104": "item", "o_105": "costume", "o_106": "scene",
    "o_107": "effect", "o_108": "others",
}  # fmt: skip
speech_voices = frozenset({
    "oversea_male1", "genshin_vindi2", "zhinen_xuesheng", "AOT", "ai_shatang", "genshin_klee2", "genshin_kirara",
    "ai_kaiya", "ai_chenjiahao_712", "girlfriend_4_speech02", "chat1_female_new-3", "chat_0407_5-1", "cartoon-boy-07",
    "uk_boy1", "cartoon-girl-01", "PeppaPig_platform", "ai_huangzhong_712", "ai_huangyaoshi_712", "ai_laoguowang_712",
    "chengshu_jiejie", "you_pingjing", "calm_story1", "uk_man2", "laopopo_speech02", "heainainai_speech02",
    "reader_en_m-v1", "commercial_lady_en_f-v1", "tiyuxi_xuedi", "tiexin_nanyou", "girlfriend_1_speech02",
    "girlfriend_2_speech02", "zhuxi_speech02", "uk_oldman3",
})  # fmt: skip

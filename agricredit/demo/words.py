"""The words that names are drawn from; all made up, none of a real producer."""

SURNAMES = "陈林黄李吴梁王张许郑符钟莫庞揭戚麦苏邓谢"
GIVEN = [
    "建国",
    "秀英",
    "志明",
    "海燕",
    "伟强",
    "丽华",
    "国栋",
    "春梅",
    "土生",
    "金凤",
    "永福",
    "亚娣",
    "华生",
    "玉兰",
    "康养",
    "水娇",
]
BRANDS = [
    "绿源",
    "丰田里",
    "雷州湾",
    "红土",
    "海岸",
    "金穗",
    "田园",
    "南渡河",
    "东里",
    "椰风",
    "甜乡",
    "农家",
    "青禾",
    "惠农",
    "众兴",
    "鸿运",
    "福田",
    "盛丰",
    "康绿",
    "旺达",
    "乐耕",
    "润土",
    "百果",
    "碧水",
]
SUFFIXES = {
    "enterprise": "农业发展有限公司",
    "cooperative": "专业合作社",
    "collective": "经济联合社",
    "service_organisation": "农业服务有限公司",
    "family_farm": "家庭农场",
    "large_household": "种植场",
}
TRADES_OF = {"livestock": "畜禽养殖", "aquaculture": "水产养殖"}
TRADES = ["蔬菜", "水果", "种养", "农产品", "生态"]
SUPPLIERS = ["城东农资店", "利民农资", "供销社农资部", "丰收植保服务部"]
MAKERS = ["演示植保甲厂", "演示植保乙厂", "演示生物科技厂"]
BUYERS = ["赤坎批发市场", "霞山水果批发市场", "学校食堂配送中心", "江海连锁超市", "产地收购商"]
# Common name, interval in days as on the demo's own labels, what it is used against.
PESTICIDES = [
    ("阿维菌素", 7, "小菜蛾"),
    ("吡虫啉", 7, "蚜虫"),
    ("苏云金杆菌", 0, "菜青虫"),
    ("代森锰锌", 15, "霜霉病"),
    ("苯醚甲环唑", 10, "炭疽病"),
    ("噻虫嗪", 7, "蓟马"),
]
HASTY = "台风要来，提前收了一部分，已单独存放。"
DRUGS = [("氟苯尼考", 20, "呼吸道病"), ("恩诺沙星", 10, "肠炎"), ("聚维酮碘", 0, "水质消毒")]

"""Words that several kinds share: colours, materials, sizes, brands. All brands are made up."""

from __future__ import annotations

SHADES = {
    "black": ("black", "jet black", "onyx"),
    "white": ("white", "ivory", "snow white"),
    "grey": ("grey", "charcoal", "slate"),
    "red": ("red", "crimson", "burgundy", "scarlet"),
    "blue": ("blue", "navy", "sky blue", "cobalt"),
    "green": ("green", "olive", "sage", "bottle green"),
    "yellow": ("yellow", "mustard", "lemon"),
    "pink": ("pink", "blush", "fuchsia"),
    "brown": ("brown", "chestnut", "cognac"),
    "beige": ("beige", "sand", "oatmeal"),
    "purple": ("purple", "lilac", "plum"),
    "orange": ("orange", "terracotta", "apricot"),
    "silver": ("silver", "brushed steel", "chrome"),
    "gold": ("gold", "brass", "rose gold"),
}
"""Colour → what sellers call it, the plain word first."""

GERMAN = {
    "black": "schwarz",
    "white": "weiß",
    "grey": "grau",
    "red": "rot",
    "blue": "blau",
    "green": "grün",
    "yellow": "gelb",
    "pink": "rosa",
    "brown": "braun",
    "beige": "beige",
    "purple": "lila",
    "orange": "orange",
    "silver": "silber",
    "gold": "gold",
}
FRENCH = {
    "black": "noir",
    "white": "blanc",
    "grey": "gris",
    "red": "rouge",
    "blue": "bleu",
    "green": "vert",
    "yellow": "jaune",
    "pink": "rose",
    "brown": "marron",
    "beige": "beige",
    "purple": "violet",
    "orange": "orange",
    "silver": "argent",
    "gold": "or",
}

CLOTHES = ("black", "white", "grey", "red", "blue", "green", "pink", "beige")
LEATHERS = ("black", "brown", "beige", "red")
METALS = ("black", "white", "silver", "red", "grey")
GADGETS = ("black", "white", "silver", "blue", "grey")
ROOMS = ("grey", "beige", "blue", "green", "white", "brown", "yellow", "pink")
BRIGHT = ("red", "blue", "green", "yellow", "pink", "orange", "purple")

SIZES_CLOTHES = ("XS", "S", "M", "L", "XL", "XXL")
SIZES_SHOES = ("36", "37", "38", "39", "40", "41", "42", "43", "44", "45")
SIZES_BED = ("90 x 200 cm", "140 x 200 cm", "160 x 200 cm", "180 x 200 cm")

WOODS = ("oak", "walnut", "beech", "pine", "acacia")
FABRICS = ("cotton", "linen", "velvet", "bouclé", "wool blend")

SERIES = (
    "Alba", "Arlo", "Bela", "Calla", "Dario", "Elin", "Fable", "Greta", "Halden", "Ines", "Jara", "Kato", "Lena",
    "Milo", "Nora", "Orla", "Pia", "Quin", "Remy", "Saga", "Tilda", "Ulla", "Vito", "Wilma", "Yara", "Zeno",
)  # fmt: skip
"""What makers call a line of products that has no part number."""

FASHION = ("Maren & Holt", "Velloria", "Tidewick", "Oakstitch", "Brannoch", "Solvig", "Fennimore", "Castell Blue")
SHOEMAKERS = ("Strydewell", "Kaskadia", "Trevanto", "Solvig", "Pavewise", "Red Fern", "Brannoch")
LEATHERGOODS = ("Fennimore", "Brannoch", "Trevanto", "Wexcombe", "Lunetta Row")
APPLIANCES = ("Kelvora", "Brewnest", "Ostmøller", "Panova", "Quillon", "Zestwick")
COOKWARE = ("Tavolina", "Hobson Pike", "Ostmøller", "Zestwick", "Panova", "Clayborne")
GROCERS = ("Monte Serrano", "Kindly Leaf", "Cacao Brava", "Oliveto Sereno", "Mill & Meadow", "Bee Hollow")
FURNITURE = ("Hearthlane", "Lindqvarn", "Casa Morena", "Fjellby", "Willowmere", "Dunsel")
HOMEWARE = ("Hearthlane", "Willowmere", "Casa Morena", "Lumisk", "Clayborne", "Fjellby", "Maren & Holt")
GARDEN = ("Greenmantle", "Thornby", "Petalworks", "Moosgrund", "Sunmeadow")
TOOLS = ("Grippon", "Boltrund", "Torvik", "Ironquay", "Lumisk")
ELECTRONICS = ("Voltara", "Nexquill", "Auralith", "Pixelum", "Corvexa", "Zentari")
TOYMAKERS = ("Piplo", "Tumbledown", "Bramblekin", "Woodle", "Jollop")
SPORTS = ("Altivo", "Torrenta", "Bergspur", "Swiftmoor", "Kestrel Run", "Strydewell")
BEAUTY = ("Rosalba Vere", "Dermelle", "Savonnet", "Juniper & Ash", "Amberluxe", "Crème Vallon")
PUBLISHERS = ("Harrow Lane Press", "Blue Heron Books", "Inkwell & Daughters", "Tall Chimney")
STATIONERS = ("Paperjay", "Scrivano", "Inkwell & Daughters", "Quillon")
PETS = ("Wagwell", "Purrling", "Pawthorne")

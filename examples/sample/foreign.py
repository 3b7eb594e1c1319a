"""German and French texts of those kinds that the shop also sells abroad."""

from __future__ import annotations

from .kind import Foreign

GERMAN: dict[str, Foreign] = {
    "dress": Foreign(
        ("Sommerkleid", "Abendkleid", "Kleid"),
        ("Vom Büro zur Hochzeitsfeier, ohne sich umzuziehen.", "Leicht genug für den heißesten Tag."),
        ("kleid", "sommerkleid"),
    ),
    "winter_jacket": Foreign(
        ("Winterjacke", "Daunenjacke", "Parka"),
        ("Hält warm bis minus zwanzig Grad.", "Für eisige Morgen an der Haltestelle und Spaziergänge im Schnee."),
        ("winterjacke", "warme jacke"),
    ),
    "trainers": Foreign(
        ("Turnschuhe", "Sneaker"), ("Für Stadt, Schule und Freizeit.", "Den ganzen Tag bequem."),
        ("turnschuhe", "freizeitschuhe"),
    ),
    "running_shoes": Foreign(
        ("Laufschuhe", "Joggingschuhe"),
        ("Von den ersten fünf Kilometern bis zum Marathon.", "Schont die Knie auf Asphalt."), ("laufschuhe",),
    ),
    "hiking_boots": Foreign(
        ("Wanderschuhe", "Bergschuhe"),
        ("Sicherer Tritt auf Geröll und Wurzeln.", "Für Tagestouren und schweres Gepäck."), ("wanderschuhe",),
    ),
    "backpack": Foreign(
        ("Rucksack {capacity_l} l", "Wanderrucksack"),
        ("Bücher auf dem Rücken, Hände frei.", "Gepolstertes Fach für den Rechner."), ("rucksack",),
    ),
    "suitcase": Foreign(
        ("Koffer {capacity_l} l", "Reisekoffer"),
        ("Rollt leise durch Bahnhof und Flughafen.", "Für zwei Wochen Sonne."), ("koffer", "handgepäck koffer"),
    ),
    "umbrella": Foreign(
        ("Regenschirm", "Taschenschirm"), ("Trocken bis zur Bahn.", "Klappt auch im Sturm nicht um."),
        ("regenschirm",),
    ),
    "kettle": Foreign(
        ("Wasserkocher {capacity_l} l", "Wasserkocher"),
        ("Heißes Wasser für Tee und Suppe in drei Minuten.", "Schaltet von selbst ab."),
        ("wasserkocher", "wasser für tee erhitzen"),
    ),
    "coffee_maker": Foreign(
        ("Kaffeemaschine {cups} Tassen", "Filterkaffeemaschine"),
        ("Eine ganze Kanne für Familie oder Büro.", "Mit Zeitschaltuhr."), ("kaffeemaschine",),
    ),
    "fridge": Foreign(
        ("Kühlschrank {capacity_l} l", "Kühl-Gefrier-Kombination"),
        ("Hält Milch, Fleisch und Gemüse länger frisch.", "Muss nie abgetaut werden."), ("kühlschrank",),
    ),
    "vacuum_cleaner": Foreign(
        ("Staubsauger", "Akku-Staubsauger"), ("Nimmt Staub, Krümel und Tierhaare auf.", "Mit Filter für Allergiker."),
        ("staubsauger",),
    ),
    "knife": Foreign(
        ("Kochmesser", "Küchenmesser"), ("Schneidet Tomaten hauchdünn.", "Klinge aus {material}."), ("küchenmesser",),
    ),
    "mug": Foreign(
        ("Kaffeebecher", "Tasse"), ("Für Kaffee, Tee und heiße Schokolade.", "Spülmaschinenfest."),
        ("kaffeebecher", "tassen"),
    ),
    "sofa": Foreign(
        ("Sofa", "Couch", "Polstergarnitur"), ("Für Filmabende und ein Nickerchen.", "Bezüge abnehmbar und waschbar."),
        ("sofa couch", "sofa grau"),
    ),
    "mattress": Foreign(
        ("Matratze", "Kaltschaummatratze"), ("Ihr Rücken wird es Ihnen danken.", "Bezug bei 60 °C waschbar."),
        ("matratze",),
    ),
    "office_chair": Foreign(
        ("Bürostuhl", "Drehstuhl"), ("Stützt das Kreuz durch acht Stunden Arbeit.",), ("bürostuhl",),
    ),
    "torch": Foreign(
        ("Taschenlampe {lumens} lm", "Stirnlampe"), ("Für Stromausfall, Keller und Nachtwanderung.",),
        ("taschenlampe",),
    ),
    "drill": Foreign(
        ("Akkuschrauber {voltage_v} V", "Bohrmaschine"), ("Löcher in Holz, Stahl und Stein.",),
        ("bohrmaschine", "akkuschrauber"),
    ),
    "laptop": Foreign(
        ("Notebook {screen_inch} Zoll", "Laptop"),
        ("Zehn Stunden Arbeit ohne Steckdose.", "Für Vorlesung und Film im Zug."), ("tragbarer computer",),
    ),
    "soft_toy": Foreign(
        ("Kuscheltier", "Plüschtier"), ("Zum Drücken im Dunkeln.", "Der erste Freund für Neugeborene."),
        ("kuscheltier", "stofftier"),
    ),
    "bicycle": Foreign(
        ("Fahrrad {wheel_inch} Zoll", "Trekkingrad"), ("Zur Arbeit, zum See und über die Berge.",), ("fahrrad",),
    ),
    "tent": Foreign(
        ("Zelt für {persons} Personen", "Kuppelzelt"), ("Schlafen unter Sternen, ohne Mücken.",), ("zelt",),
    ),
    "sunscreen": Foreign(
        ("Sonnencreme LSF {spf}", "Sonnenmilch"), ("Länger draußen, ohne rot zu werden.",), ("sonnencreme",),
    ),
    "chocolate": Foreign(
        ("Schokolade {weight_g} g", "Pralinen"), ("Zum Verschenken, wenn man es schafft.",), ("schokolade",),
    ),
}  # fmt: skip

FRENCH: dict[str, Foreign] = {
    "dress": Foreign(
        ("robe d'été", "robe de soirée"),
        ("Du bureau à la fête sans se changer.", "Légère pour les jours les plus chauds."), ("robe",),
    ),
    "winter_jacket": Foreign(
        ("doudoune", "manteau d'hiver"), ("Garde au chaud jusqu'à moins vingt degrés.",),
        ("manteau chaud", "doudoune"),
    ),
    "running_shoes": Foreign(
        ("chaussures de course",), ("Des cinq premiers kilomètres au marathon.",), ("chaussures de course",),
    ),
    "backpack": Foreign(("sac à dos {capacity_l} l",), ("Les livres sur le dos, les mains libres.",), ("sac à dos",)),
    "suitcase": Foreign(
        ("valise {capacity_l} l", "valise cabine"), ("Roule sans bruit à travers la gare.",), ("valise",),
    ),
    "umbrella": Foreign(("parapluie",), ("Au sec jusqu'au train.",), ("parapluie",)),
    "kettle": Foreign(
        ("bouilloire électrique", "bouilloire {capacity_l} l"),
        ("De l'eau chaude pour le thé en trois minutes.", "S'éteint toute seule."), ("bouilloire",),
    ),
    "coffee_maker": Foreign(
        ("cafetière {cups} tasses",), ("Un pot entier pour la famille ou le bureau.",), ("cafetière électrique",),
    ),
    "fridge": Foreign(
        ("réfrigérateur {capacity_l} l",), ("Le lait, la viande et les légumes restent frais.",),
        ("réfrigérateur", "frigo"),
    ),
    "sofa": Foreign(("canapé", "canapé convertible"), ("Pour les soirées film et la sieste.",), ("canapé",)),
    "knife": Foreign(("couteau de cuisine",), ("Coupe les tomates très fin.",), ("couteau de cuisine",)),
    "laptop": Foreign(
        ("ordinateur portable {screen_inch} pouces",), ("Dix heures de travail sans prise.",),
        ("ordinateur portable",),
    ),
    "bicycle": Foreign(("vélo {wheel_inch} pouces",), ("Au travail, au lac et par les collines.",), ("vélo",)),
    "tent": Foreign(("tente {persons} places",), ("Dormir sous les étoiles sans moustiques.",), ("tente de camping",)),
    "chocolate": Foreign(("chocolat {weight_g} g",), ("À offrir, si l'on y arrive.",), ("chocolat",)),
}  # fmt: skip

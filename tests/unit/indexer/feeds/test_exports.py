"""Whole rows as shop systems export them, without a mapping."""

from __future__ import annotations

from collections.abc import Callable

import orjson
import pytest

from indexer.product import Availability, Offer, Product, Variant

Products = Callable[..., list[Product]]


def test_google_merchant_tsv(read_products: Products) -> None:
    (product,) = read_products(
        b"id\ttitle\tdescription\tlink\timage link\tadditional image link\tavailability\tprice\tsale price\tbrand\tgtin"
        b"\tproduct type\tgoogle product category\tshipping(country:price)\n"
        b"A1\tOak chair\tFour legs\thttps://x/a1\thttps://x/1.jpg\thttps://x/2.jpg,https://x/3.jpg\tout of stock"
        b"\t120.00 EUR\t99.50 EUR\tAcme\t4006381333931\tHome > Chairs\t443\tDE:4.90 EUR\n"
    )
    assert product == Product(
        id="A1",
        title="Oak chair",
        description="Four legs",
        brand="Acme",
        categories=(("Home", "Chairs"),),
        gtins=("4006381333931",),
        url="https://x/a1",
        images=("https://x/1.jpg", "https://x/2.jpg", "https://x/3.jpg"),
        offers={"default": Offer(9950, "EUR", 12000, Availability.OUT_OF_STOCK)},
        attributes={"google product category": 443, "shipping(country:price)": "DE:4.90 EUR"},
    )


def test_woocommerce_csv(read_products: Products) -> None:
    (product,) = read_products(
        b'ID,Type,SKU,Name,"Short description",Description,"In stock?",Stock,"Regular price","Sale price",Categories,'
        b'Tags,Images,"Attribute 1 name","Attribute 1 value(s)","GTIN, UPC, EAN, or ISBN"\n'
        b'44,simple,w-1,V-Neck,Soft,"<p>Soft and <b>warm</b></p>",1,7,20,18,"Clothing > Shirts, Clothing","new, sale",'
        b'"https://x/1.jpg, https://x/2.jpg",Color,"Blue, Green",4006381333931\n'
    )
    assert product == Product(
        id="44",
        title="V-Neck",
        description="Soft and warm",
        sku="w-1",
        categories=(("Clothing", "Shirts"), ("Clothing",)),
        gtins=("4006381333931",),
        images=("https://x/1.jpg", "https://x/2.jpg"),
        offers={"default": Offer(1800, "XXX", 2000)},
        attributes={
            "Type": "simple",
            "Tags": ("new", "sale"),
            "Color": ("Blue", "Green"),
            "Short description": "Soft",
            "Stock": 7,
        },
    )


def test_magento_csv(read_products: Products) -> None:
    (product,) = read_products(
        b"sku,product_type,categories,name,description,weight,price,special_price,url_key,base_image,"
        b"additional_images,qty,is_in_stock,manufacturer\n"
        b'24-MB01,simple,"Default/Gear/Bags,Default/Gear",Duffle,"<p>Big</p>",1.5,34.0000,,duffle,/m/b/1.jpg,'
        b'"/m/b/1.jpg,/m/b/2.jpg",0,0,Acme\n',
        default_currency="USD",
    )
    assert product == Product(
        id="24-MB01",
        title="Duffle",
        description="Big",
        brand="Acme",
        categories=(("Default", "Gear", "Bags"), ("Default", "Gear")),
        sku="24-MB01",
        images=("/m/b/1.jpg", "/m/b/2.jpg"),
        offers={"default": Offer(3400, "USD", None, Availability.OUT_OF_STOCK)},
        attributes={"product_type": "simple", "weight": 1.5, "url_key": "duffle", "qty": 0},
    )


def test_schema_org_json(read_products: Products) -> None:
    data = {
        "@graph": [
            {
                "productID": "p1",
                "sku": "s1",
                "name": "Lamp",
                "brand": {"name": "Acme"},
                "image": ["https://x/1.jpg"],
                "offers": {"price": "1250", "priceCurrency": "JPY", "availability": "https://schema.org/PreOrder"},
                "aggregateRating": {"ratingValue": "4.4", "reviewCount": "89"},
                "additionalProperty": [{"name": "Width", "value": 12}, {"name": "Color", "value": "red"}],
            }
        ]
    }
    assert read_products(orjson.dumps(data)) == [
        Product(
            id="p1",
            title="Lamp",
            brand="Acme",
            sku="s1",
            images=("https://x/1.jpg",),
            rating=4.4,
            rating_count=89,
            offers={"default": Offer(1250, "JPY", None, Availability.PREORDER)},
            attributes={"Width": 12, "Color": "red"},
        )
    ]


def test_shopify_json(read_products: Products) -> None:
    data = {
        "products": [
            {
                "id": 632910392,
                "title": "Player",
                "body_html": "<p>Small</p>",
                "vendor": "Acme",
                "product_type": "Music",
                "created_at": "2024-01-02T03:04:05-05:00",
                "images": [{"id": 1, "src": "https://x/1.png"}],
                "variants": [{"id": 7, "title": "Pink", "price": "199.00", "sku": "P-1", "inventory_quantity": 0}],
            }
        ]
    }
    assert read_products(orjson.dumps(data), default_currency="CAD") == [
        Product(
            id="632910392",
            title="Player",
            description="Small",
            brand="Acme",
            categories=(("Music",),),
            images=("https://x/1.png",),
            released_at="2024-01-02T08:04:05Z",
            attributes={"images.id": 1},
            variants=(
                Variant(
                    sku="P-1",
                    attributes={"id": 7, "title": "Pink", "inventory_quantity": 0},
                    offers={"default": Offer(19900, "CAD", None, Availability.OUT_OF_STOCK)},
                ),
            ),
        )
    ]


def test_a_marketplace_dump(read_products: Products) -> None:
    (product,) = read_products(
        orjson.dumps(
            {
                "asin": "B00001",
                "title": "Drill",
                "average_rating": 4.5,
                "rating_number": 1204,
                "features": ["Strong", "Light"],
                "description": ["It drills.", "Well."],
                "price": "$49.99",
                "images": ["https://x/1.jpg"],
                "categories": ["Tools > Drills"],
                "breadcrumbs": ["Home", "Tools"],
            }
        )
    )
    assert (product.id, product.description, product.rating, product.rating_count) == (
        "B00001",
        "It drills.\nWell.",
        4.5,
        1204,
    )
    assert product.offers == {"default": Offer(4999, "USD")}
    assert product.categories == (("Tools", "Drills"),)
    assert product.attributes == {"features": ("Strong", "Light"), "breadcrumbs": ("Home", "Tools")}


@pytest.mark.parametrize(
    "piece", [" ", "_", "<p", "> ", "x,", "a/", "\\", '"', "1 ", "1,", "(", "http://", "<!--", "a > b, "]
)
@pytest.mark.timeout(10)
def test_no_cell_is_slow_whatever_is_in_it(read_products: Products, piece: str) -> None:
    text = piece * (200_000 // len(piece))
    names = (
        "description",
        "brand",
        "category",
        "gtin",
        "image",
        "availability",
        "rating",
        "reviews",
        "released",
        "tags",
    )
    (product,) = read_products(
        orjson.dumps({"id": 1, "title": "a", f"x{text}": 1, **dict.fromkeys(names, text)}), max_row_bytes=10**7
    )
    assert product.id == "1"

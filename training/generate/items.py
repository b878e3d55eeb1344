"""What is sold: item names composed per trade, with plausible prices, units and GST status."""
import random
from dataclasses import dataclass

from . import words

FOOD = ("Milk Bread Eggs Butter Cheese Yoghurt Chicken_Breast Beef_Mince Lamb_Chops Sausages Bacon Ham Potatoes Onions Carrots Tomatoes Bananas Apples "
        "Pears Oranges Grapes Avocado Lettuce Spinach Broccoli Mushrooms Rice Pasta Flour Sugar Oats Honey Olive_Oil Tuna Baked_Beans Salmon Prawns "
        "Cream Tofu Lentils Pumpkin Zucchini Capsicum Garlic Ginger Lemons Strawberries Kiwifruit Corn Peas Celery Muesli").split()
TAXED = ("Chocolate Chips Biscuits Cola Lemonade Ice_Cream Lollies Muesli_Bars Dishwash_Liquid Laundry_Powder Bin_Bags Paper_Towel Toilet_Tissue "
         "Shampoo Toothpaste Soap Batteries Light_Globe Dog_Food Cat_Litter Foil Cling_Wrap Candles Deodorant Razors Sponges Energy_Drink Iced_Tea "
         "Nappies Tissues Greeting_Card Magazine Hot_Chook Popcorn Crackers Carry_Bag").split()
CAFE = ("Flat_White Long_Black Latte Cappuccino Espresso Mocha Chai_Latte Hot_Chocolate Iced_Coffee Banana_Bread Muffin Croissant Meat_Pie Sausage_Roll "
        "Lamington Toastie Avo_Toast Eggs_Benedict Big_Breakfast Bacon_Egg_Roll Pancakes Smoothie Orange_Juice Sparkling_Water Scone Bagel Wrap Focaccia").split()
DINING = ("Steak Burger Fish_and_Chips Parmigiana Pizza Pad_Thai Green_Curry Laksa Sushi_Platter Dumplings Fried_Rice Caesar_Salad Lamb_Shank Risotto "
          "Spaghetti Garlic_Bread Wedges Calamari Oysters Tiramisu Cheesecake Gelato House_Red House_White Shiraz Pinot_Noir Prosecco Pale_Ale Lager "
          "Cider Gin_Tonic Mojito Soft_Drink Corkage Naan Samosa Butter_Chicken Tacos Nachos Kids_Meal").split()
HARDWARE = ("Drill_Bit Screws Nails Paint Timber_Pine Plywood Hose Hinge Padlock Sandpaper Silicone Cement Mulch Potting_Mix Shovel Hammer Spanner "
            "Tape_Measure Extension_Lead Globe_LED Tap_Washer PVC_Pipe Brush Roller Bolt Wall_Plug Gloves Safety_Glasses Ladder Glue Varnish Bracket").split()
RETAIL = ("Novel Notebook Pens Stapler Toner Copy_Paper USB_Cable Mouse Keyboard Monitor Headphones T-Shirt Socks Jacket Jeans Hat Boots Belt Scarf "
          "Puzzle Lego Doll Football Racquet Helmet Tyre Guitar_Strings Plant Bouquet Vase Cushion Towel Lamp Mug Frame Calendar Backpack Phone_Case").split()
CHEMIST = ("Paracetamol Ibuprofen Antihistamine Vitamin_C Fish_Oil Sunscreen Bandages Cough_Syrup Eye_Drops Moisturiser Lip_Balm Multivitamin Script "
           "Thermometer Face_Mask Hand_Sanitiser Insulin_Needles Nasal_Spray Magnesium Probiotic").split()
TRADE = ("Labour Call_out_fee Supply_and_install_tap Replace_hot_water_unit Repair_leak Rewire_switchboard Install_downlights Power_point Materials "
         "Copper_pipe_and_fittings Roof_tiles Gutter_cleaning Paint_walls Tree_removal Rubbish_removal Travel Inspection Locks_rekeyed Termite_treatment "
         "Air_con_service Blocked_drain Concrete_slab Tiling Carpet_clean Window_clean Scaffold_hire Excavator_hire").split()
SERVICES = ("Consulting Monthly_retainer Tax_return_preparation BAS_lodgement Legal_advice Contract_review Site_survey Structural_design Draft_plans "
            "Website_hosting Software_licence Support_hours Logo_design Photography Copywriting Training_course Audit_fee Disbursements Project_management "
            "Initial_consultation Dental_examination Physio_session Translation Data_migration Cloud_backup Domain_renewal").split()
ROOM = "Accommodation Room_Queen Room_Twin Deluxe_Suite Powered_Site Cabin Breakfast Minibar Laundry Parking Late_Checkout Room_Service Wifi Cot_Hire".split()
RIDE = "Fare Flagfall Distance Waiting_time Airport_fee Booking_fee Toll Government_levy Trip_adult Trip_concession Parcel Courier_same_day Freight Pallet_space Fuel_levy".split()
PARK = "Casual_parking Early_Bird Parking Night_rate Weekend_rate Lost_ticket Monthly_permit".split()
FUELS = ["Unleaded 91", "ULP", "E10", "Premium 95", "PULP 98", "Ultimate 98", "Diesel", "Truck Diesel", "LPG", "Vortex 95", "Adblue", "UNLEADED", "DIESEL"]
LISTS = {"supermarket": FOOD + TAXED, "cafe": CAFE, "restaurant": DINING, "hardware": HARDWARE, "retail": RETAIL, "pharmacy": CHEMIST, "trades": TRADE,
         "professional": SERVICES, "accommodation": ROOM, "transport": RIDE, "parking": PARK, "fuel": TAXED + CAFE}
SIZES = ["{}g", "{}kg", "{}ml", "{}L", "{}pk", "{} Pack", "{}cm", "{}mm", "x{}", "{}EA"]
FLAVOURS = "Classic Organic Free_Range Lite Full_Cream Smoked Salted Original Premium Large Small Medium Blue Red Green White Black Vanilla Mint Lime Berry Crunchy Aussie Fresh Jumbo Mini Deluxe".split()
PRICES = {"supermarket": (60, 2400), "cafe": (300, 2600), "restaurant": (700, 5200), "hardware": (120, 24000), "retail": (150, 60000), "pharmacy": (350, 6000),
          "trades": (2500, 240000), "professional": (5000, 600000), "accommodation": (900, 45000), "transport": (120, 12000), "parking": (300, 7500), "fuel": (150, 1800)}


@dataclass
class Item:
    """One line as charged: amount = round(quantity x unit_price) + discount, in cents; quantity in thousandths."""
    description: str
    quantity: int
    unit: str
    unit_price: int
    amount: int
    gst_code: str = "GST"
    discount: int = 0
    code: str = ""


def describe(r: random.Random, kind: str) -> tuple[str, bool]:
    """-> (text, GST-free by nature)"""
    noun = r.choice(LISTS.get(kind, RETAIL))
    free = noun in FOOD or (kind == "pharmacy" and noun in ("Script", "Insulin_Needles", "Sunscreen"))
    noun = noun.replace("_", " ") if r.random() < .88 else words.coin(r)
    parts = [noun]
    if kind in ("supermarket", "hardware", "retail", "pharmacy", "fuel"):
        if r.random() < .55: parts.insert(0, words.coin(r) if r.random() < .7 else r.choice(words.ADJECTIVES))
        if r.random() < .4: parts.insert(r.randint(0, len(parts)), r.choice(FLAVOURS).replace("_", " "))
        if r.random() < .5: parts.append(r.choice(SIZES).format(r.choice([1, 2, 3, 4, 5, 6, 10, 12, 20, 24, 25, 50, 100, 125, 250, 375, 400, 500, 600, 750, 1.25, 1.5])))
    elif kind in ("cafe", "restaurant"):
        if r.random() < .3: parts.append(r.choice(["Lge", "Sml", "Reg", "Large", "Small", "Soy", "Oat", "Almond", "Takeaway", "GF", "Spicy", "w/ Chips", "Extra Shot", "Mild", "Entree", "Main"]))
        if r.random() < .15: parts.insert(0, words.coin(r))
    else:
        if r.random() < .35: parts.append(r.choice(["- " + words.coin(r), "at " + words.street(r), "- stage " + str(r.randint(1, 9)), "(" + words.surname(r) + ")", "as quoted", "per hour", "x" + str(r.randint(2, 9)), words.coin(r) + " " + words.coin(r)]))
    return " ".join(parts), free


def price(r: random.Random, kind: str) -> int:
    low, high = PRICES.get(kind, PRICES["retail"])
    cents = int(low * (high / low) ** r.random())
    style = r.random()
    if style < .35: return max(5, cents // 10 * 10)
    if style < .5: return max(95, cents // 100 * 100 + r.choice([95, 99, 49, 50, 0]))
    return cents


def code_text(r: random.Random) -> str:
    return r.choice([f"{r.randint(0, 10**13 - 1):013}", f"{r.randint(0, 999999):06}", f"{r.randint(0, 9999999):07}", f"{words.coin(r, 1)[:3].upper()}{r.randint(10, 9999)}", f"{r.choice('ABCDEFGH')}{r.randint(100, 999)}"])


def make_item(r: random.Random, kind: str) -> Item:
    text, free = describe(r, kind)
    code = code_text(r)
    cents = price(r, kind)
    unit, quantity = "ea", 1000
    roll = r.random()
    if kind == "supermarket" and free and roll < .3:
        unit, quantity = "kg", r.randint(80, 3200)
    elif kind in ("trades", "professional") and roll < .4:
        unit, quantity = r.choice(["h", "hr", "hrs"]), r.choice([500, 1000, 1500, 2000, 2500, 3000, 4000, 7500, 8000])
        cents = r.choice([6500, 8500, 9000, 11000, 12500, 15000, 18000, 22000, 35000, r.randint(5000, 40000)])
    elif kind == "accommodation" and roll < .5:
        unit, quantity = r.choice(["night", "nights"]), r.randint(1, 7) * 1000
    elif roll > .72:
        quantity = r.choice([2, 2, 2, 3, 3, 4, 5, 6, 8, 10, 12, 24]) * 1000
    return Item(text, quantity, unit, cents, (cents * quantity + 500) // 1000, "FRE" if free else "GST", 0, code)


def fuel_item(r: random.Random) -> Item:
    """Litres x price: unit_price in hundredths of a cent a litre (1899 = 189.9 c/L -> 18990 here), amount in cents."""
    litres = r.randint(5000, 82000) // 10 * 10
    rate = r.randint(12900, 24990) // 10 * 10
    return Item(r.choice(FUELS), litres, "L", rate, (litres * rate + 50_000) // 100_000, "GST", 0, "")

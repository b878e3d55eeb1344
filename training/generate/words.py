"""Open vocabularies: names, streets, suburbs and contact data are composed, so that none can be learned by heart."""
import random

ONSETS = "b bl br c ch cl cr d dr f fl fr g gl gr h j k kl kn l m n p ph pl pr qu r s sc sh sk sl sm sn sp st str sw t th tr tw v w wh y z".split() + [""]
VOWELS = "a e i o u a e i o ai ea ee ie oa oo ou ay y".split()
CODAS = "b ck d dge f g k l ll lt m mp n nd ng nk nt p r rd rk rn rt s sh ss st t th ve w x y".split() + [""] * 12
FIRST = ("Alice Aaron Amelia Anh Arjun Ben Bianca Callum Chen Chloe Daniel Deepa Dylan Elena Ethan Fatima Finn Grace Hamish Harper "
         "Hassan Imogen Isla Jack James Jia Jordan Kate Kim Lachlan Liam Linh Lucas Maria Mei Mia Mohamed Nadia Noah Oliver Olivia "
         "Priya Rachel Ravi Rosa Ruby Sam Sara Sean Sofia Tariq Thomas Tran Vikram William Xiu Yusuf Zara Zoe").split()
LAST = ("Anderson Baker Brown Campbell Chan Clarke Costa Davis Dimitriou Edwards Evans Fraser Garcia Gill Green Hall Harris Hill Hughes "
        "Jackson Johnson Jones Kaur Kelly Khan Kim King Kumar Lee Lewis Li Martin McDonald Miller Mitchell Moore Morgan Murphy Nguyen "
        "O'Brien Papadopoulos Parker Patel Pham Phillips Quinn Reid Roberts Robinson Rossi Ryan Scott Sharma Singh Smith Stewart Taylor "
        "Thomas Thompson Tran Turner Walker Wang White Williams Wilson Wong Wright Young Zhang").split()
ADJECTIVES = ("Harbour Coastal Sunrise Southern Golden Corner Metro City Village Blue Gum Wattle Banksia Outback Bayside Parkview Riverside "
              "Eureka Federal Royal Prime Fresh Green Red Silver Northern Western Eastern Central Pacific Tasman Coral Opal Kookaburra "
              "Lyrebird Brumby Billabong Jacaranda Ironbark Magpie Cedar Summit Anchor Heritage Little Old Grand First Urban Union Crown "
              "Star Bright Swift True Noble Quality Local Family Happy Lucky Rustic Twin Seven Black White Highland Hilltop").split()
STREETS = ("George Pitt Collins Bourke Queen King Elizabeth High Church Station Victoria Albert Park Railway Beach Ocean Mill Bridge Swan "
           "Adelaide Flinders Spencer Macquarie Hunter Oxford Crown Bay Lake River Forest Grey Ann Wickham Hay Murray Rundle Smith Main "
           "Market Princes Pacific Sturt Barker Mitchell Cavenagh Sandy Davey Liverpool Anzac Canterbury Parramatta").split()
STREET_KINDS = "St Rd Ave Pde Hwy Street Road Avenue Drive Dr Lane Ln Crescent Cres Place Pl Court Ct Terrace Tce Boulevard Way Parade Cct".split()
SUBURBS = [("Sydney", "NSW", 2000), ("Parramatta", "NSW", 2150), ("Newcastle", "NSW", 2300), ("Wollongong", "NSW", 2500), ("Albury", "NSW", 2640),
           ("Melbourne", "VIC", 3000), ("Geelong", "VIC", 3220), ("Ballarat", "VIC", 3350), ("Bendigo", "VIC", 3550), ("Richmond", "VIC", 3121),
           ("Brisbane", "QLD", 4000), ("Cairns", "QLD", 4870), ("Toowoomba", "QLD", 4350), ("Southport", "QLD", 4215), ("Perth", "WA", 6000),
           ("Fremantle", "WA", 6160), ("Bunbury", "WA", 6230), ("Adelaide", "SA", 5000), ("Glenelg", "SA", 5045), ("Hobart", "TAS", 7000),
           ("Launceston", "TAS", 7250), ("Darwin", "NT", 800), ("Alice Springs", "NT", 870), ("Canberra", "ACT", 2600), ("Belconnen", "ACT", 2617)]
RANGES = {"NSW": (2000, 2599), "VIC": (3000, 3999), "QLD": (4000, 4999), "SA": (5000, 5799), "WA": (6000, 6797), "TAS": (7000, 7799),
          "NT": (800, 899), "ACT": (2600, 2618)}
AREA = {"NSW": "2", "ACT": "2", "VIC": "3", "TAS": "3", "QLD": "7", "SA": "8", "WA": "8", "NT": "8"}
US_STATES = "CA NV TX FL NY WA OR IL VA GA NC OH PA MI AZ CO".split()


def coin(r: random.Random, most: int = 3) -> str:
    """A made-up word such as 'Brandol', capitalised, 3 to 12 letters."""
    while True:
        word = "".join(r.choice(ONSETS) + r.choice(VOWELS) + (r.choice(CODAS) if r.random() < .6 else "") for _ in range(r.randint(1, most)))
        if 3 <= len(word) <= 12:
            return word.capitalize()


def surname(r): return r.choice(LAST) if r.random() < .6 else coin(r)
def person(r): return f"{r.choice(FIRST) if r.random() < .8 else coin(r, 2)} {surname(r)}"


def suburb(r: random.Random) -> tuple[str, str, str]:
    """-> (suburb, state, postcode text); most are made up, with a postcode of the state's range."""
    if r.random() < .3:
        name, state, code = r.choice(SUBURBS)
        return name, state, f"{code:04}"
    state = r.choice(list(RANGES))
    base = coin(r, 2)
    name = r.choice([base, base + r.choice(["ville", "ton", "burn", "field", "dale", "wood", "bah", "long"]), base + r.choice([" Creek", " Heads", " Park", " Hills", " North", " Beach", " East"]),
                     r.choice(["Mount ", "Port ", "Lake ", "Upper ", "St ", "Glen "]) + base])
    return name, state, f"{r.randint(*RANGES[state]):04}"


def street(r: random.Random) -> str:
    name = r.choice(STREETS) if r.random() < .45 else coin(r)
    number = r.choice([str(r.randint(1, 399)), str(r.randint(1, 99)), f"{r.randint(1, 40)}/{r.randint(1, 300)}", f"{r.randint(1, 90)}-{r.randint(91, 180)}"])
    unit = r.choice(["Shop {} ", "Unit {}, ", "Level {}, ", "Lot {} ", "Suite {}, "]).format(r.randint(1, 60)) if r.random() < .22 else ""
    return f"{unit}{number} {name} {r.choice(STREET_KINDS)}"


def phone(r: random.Random, state: str) -> str:
    a, b = r.randint(2000, 9999), r.randint(0, 9999)
    area = AREA[state]
    return r.choice([f"(0{area}) {a} {b:04}", f"0{area} {a} {b:04}", f"0{area}{a}{b:04}", f"+61 {area} {a} {b:04}", f"04{r.randint(0, 99):02} {r.randint(100, 999)} {r.randint(0, 999):03}",
                     f"1300 {r.randint(100, 999)} {r.randint(0, 999):03}", f"1800 {r.randint(100, 999)} {r.randint(0, 999):03}", f"13 {r.randint(10, 99)} {r.randint(10, 99)}", f"{a} {b:04}"])


def slug(name: str) -> str: return "".join(c for c in name.lower() if c.isalnum())[:18]


TRADES = {
    "supermarket": "Supermarket Grocer Foods Market Fresh IGA Foodstore Grocery Fruit Co-op".split(),
    "cafe": "Cafe Coffee Espresso Bakery Roasters Kitchen Deli Patisserie Brunch".split(),
    "restaurant": "Restaurant Bistro Tavern Hotel Grill Dining Thai Pizzeria Sushi Noodles Bar".split(),
    "fuel": "Fuel Petroleum Service Station|Roadhouse|Motors|Fuels|Energy".replace("Service Station", "Service_Station").replace("|", " ").split(),
    "hardware": "Hardware Timber Tools Paint Trade_Centre Building_Supplies Garden".split(),
    "retail": "Books Stationery Electronics Sports Toys Newsagency Clothing Shoes Homewares Gifts Cycles Music Pets Florist".split(),
    "pharmacy": "Pharmacy Chemist Drugstore Health".split(),
    "trades": "Plumbing Electrical Carpentry Roofing Painting Landscaping Air_Conditioning Tiling Locksmiths Pest_Control Cleaning".split(),
    "transport": "Taxis Cabs Transit Couriers Freight Shuttles Tollway".split(),
    "parking": "Parking Car_Park Parkade".split(),
    "accommodation": "Hotel Motel Inn Resort Apartments Lodge Holiday_Park".split(),
    "professional": "Consulting Accounting Legal Architects Design Engineering Advisory Surveyors Media Software Dental Physiotherapy Training".split(),
}


MALAY = ("Bukit Taman Kampung Setia Permai Indah Jaya Maju Sentosa Mutiara Kota Sungai Bandar Desa Sri Seri Bahagia Perdana Utama Damai Impian Mewah Cahaya Bintang Suria Melati "
         "Kenanga Mawar Cempaka Angsana Murni Riang Gemilang Bersatu Sejahtera Aman Makmur Harmoni Puncak Alam Ria Megah Emas Perak Intan Pelangi Anggerik Wawasan Bayu Laut Selatan Utara").split()
PLACES = ("Johor Klang Penang Ipoh Kajang Melaka Kuantan Cheras Ampang Kepong Puchong Subang Serdang Seremban Muar Kluang Rawang Nilai Kuching Sibu Miri Taiping Bangi Gombak "
          "Sydney Perth Darwin Cairns Hobart Geelong Ballarat Penrith Dubbo Mackay Dallas Austin Boston Denver Phoenix Oakland Miami Tampa Lincoln Houston Dublin Bristol York Oxford Singapore Orchard").split()
CHINESE = ("Ah Ai An Aik Ban Bee Beng Boon Chan Chee Chew Chin Chong Choo Chuan Eng Fatt Fong Foo Gim Goh Guan Hai Hang Heng Hin Ho Hock Hong Hua Huat Hui Jin Kee Keng Kim Kok Koon Kwang Lai Lee Leong Lian "
           "Lim Loong Mei Meng Nam Ng Ong Peng Pin Poh Sam San Seng Shen Sheng Siang Sin Siong Soon Swee Tai Tan Teck Teik Teo Thai Tian Tong Wah Wan Weng Wing Wong Woon Xin Yap Yee Yew Yik Yong Yuen Zhen").split()
SURNAMES = ("Abbott Abdullah Ahmad Aziz Balakrishnan Barnett Becker Bennett Bianchi Burton Carter Chambers Coleman Conti Cooper Costello Cullen Dalton Das Delgado Donovan Fernandez Fischer Fletcher Flynn Foster Gallagher "
            "Gomez Gordon Greco Griffin Hamilton Hansen Hassan Hayes Henderson Hoffman Holmes Hussein Ibrahim Ismail Jensen Kapoor Keller Kowalski Krishnan Lambert Larsen Lombardi Lopez Mahmud Malone Marino Marshall Mason Mehta "
            "Meyer Mohan Moreno Muller Nair Nelson Novak Olsen Othman Pereira Perry Petersen Pillai Porter Rahman Rajan Ramos Reynolds Rivera Romano Russo Salleh Sanchez Santos Schneider Silva Simpson Sullivan Torres Vargas Vella Wallace Watson Weber Yusof Zimmerman").split()
TRADE_WORDS = ("Hardware Stationery Books Bakery Bakeries Confectionery Restaurant Restoran Cafe Kopitiam Bistro Seafood Pharmacy Clinic Dental Optical Furniture Furnishing Electrical Electronics Supplies Supply Machinery Motor Auto Parts "
               "Tyres Petrol Station Mini Market Mart Supermarket Hypermarket Grocer Grocery Provision Store Stores Cash_&_Carry Wholesale Departmental Fashion Boutique Textile Jewellery Gifts Handicraft Tailoring Flowers Florist Nursery "
               "Paint Timber Plywood Ironware Plumbing Lighting Printing Print Photo Computer Telecom Mobile Sports Cycle Toys Pet_Shop Laundry Car_Wash Parking Transport Logistics Travel Hotel Resort Inn Kitchen Grill Pizza Burger Noodle Ramen "
               "Sushi Curry_House Nasi_Kandar Steak_House BBQ Diner Deli Tea_House Juice Bar Pub Tavern Brewery Wine Liquor Cellars Fresh_Produce Fruit Butchery Meats Poultry Fish_Market Frozen_Food Beauty Hair_Salon Barber Spa Health Trading Enterprise Marketing").split()
MALAY_TRADE = "Restoran Kedai Syarikat Perniagaan Pasaraya Klinik Farmasi Kedai_Buku Kedai_Makan Pusat Gerai Bengkel Kedai_Runcit Perusahaan Medan Warung Kedai_Kopi Kedai_Kek Pasar_Mini".split()
FORMS_MY = ["Sdn Bhd"] * 8 + ["Sdn. Bhd."] * 4 + ["(M) Sdn Bhd"] * 3 + ["S/B", "SB", "Bhd", "Berhad", "Sdn.Bhd", "Co. (M) Bhd", "(M) Sdn. Bhd."]
FORMS_AU = ["Pty Ltd"] * 6 + ["Pty. Ltd.", "P/L", "Pty Limited", "& Co", "Group", "Holdings Pty Ltd", "(Aust) Pty Ltd", "Australia Pty Ltd", "Co", "& Sons"]
FORMS_US = ["", "", "", "", "Inc.", "LLC", "Co.", "Inc", "& Sons", "Bros.", "Company", "#{}", "- {}", "Store #{}", "No. {}"]


def initials(r: random.Random) -> str:
    letters = [r.choice("ABCDEFGHIJKLMNOPRSTWXYZ") for _ in range(r.randint(2, 4))]
    return r.choice(["".join(letters), ".".join(letters) + ".", ".".join(letters), "".join(letters[:2]) + str(r.randint(1, 99)), "&".join(letters[:2]), f"{letters[0]} & {letters[1]}", " ".join(letters[:2])])


def name_word(r: random.Random) -> str:
    """One distinctive word: most often known in some language, sometimes made up or joined from two."""
    roll = r.random()
    if roll < .2: return coin(r)
    if roll < .28: return r.choice(CHINESE) + r.choice(CHINESE).lower()
    if roll < .34: return r.choice(ADJECTIVES) + r.choice([r.choice(ADJECTIVES).lower(), "way", "tech", "mart", "land", "max", "pro", "line", "fix", "plus", "care"])
    return r.choice(r.choice([SURNAMES, LAST, MALAY, PLACES, CHINESE, ADJECTIVES, ADJECTIVES, STREETS, FIRST]))


def company(r: random.Random, country: str, trade: str = "") -> str:
    """A full business name of open shape; country is 'my', 'us' or 'au'."""
    word, many = lambda: name_word(r), lambda least, most, pool: " ".join(r.choice(pool) for _ in range(r.randint(least, most)))
    kind = (r.choice(TRADES[trade]) if trade in TRADES and r.random() < .4 else r.choice(TRADE_WORDS)).replace("_", " ")
    shape = r.random()
    if country == "my" and shape < .5:
        lead = r.choice(MALAY_TRADE).replace("_", " ") if r.random() < .5 else ""
        core = r.choice([many(2, 3, CHINESE), many(1, 3, MALAY), many(2, 2, SURNAMES), word(), f"{r.choice(MALAY)} {r.choice(SURNAMES)}", initials(r)])
        base = f"{lead} {core}" if lead else f"{core} {kind}"
    elif shape < .62: base = f"{word()} {kind}"
    elif shape < .72: base = f"{word()} {word()} {kind}"
    elif shape < .78: base = f"{initials(r)} {kind}"
    elif shape < .83: base = f"{r.choice(SURNAMES + LAST)}'s {r.choice(['', kind, word()])}".strip()
    elif shape < .88: base = f"{r.choice(['The', 'Mr', 'Mr.', 'Uncle', 'Old', 'New', 'Le', 'El', 'La', 'Casa', 'Big', 'Best', 'Top', 'One'])} {word()} {r.choice(['', kind])}".strip()
    elif shape < .92: base = f"{word()} & {word()}"
    elif shape < .95: base = f"{r.choice([r.randint(2, 99), r.randint(100, 999)])} {word()} {kind}"
    else: base = r.choice([word() + word().lower(), f"{word()} {word()}", f"{word()}-{word()} {kind}", f"{kind} {r.choice(PLACES)}"])
    if r.random() < .14: base += " " + r.choice(["Enterprise", "Trading", "Marketing", "International", "Industries", "Retail", "Holdings", "Services", "Centre", "Express", "Group", "House", "World", "Resources", "Ventures", "Corporation"])
    if r.random() < .08: base += f" ({r.choice(PLACES + MALAY)})"
    if country == "my": return f"{base} {r.choice(FORMS_MY)}" if r.random() < .62 else base
    form = r.choice(FORMS_US).format(r.choice([r.randint(1, 2999), r.choice(PLACES)])) if country == "us" else (r.choice(FORMS_AU) if r.random() < .3 else "")
    return f"{base} {form}".strip()


def trade_name(r: random.Random, kind: str) -> str:
    if r.random() < .45: return company(r, "au", kind)
    trade = r.choice(TRADES.get(kind, TRADES["retail"])).replace("_", " ")
    lead = r.choice([r.choice(ADJECTIVES), coin(r), coin(r), surname(r), f"{r.choice(ADJECTIVES)} {r.choice(ADJECTIVES)}", f"{surname(r)} & {surname(r)}",
                     f"{coin(r, 2)} {r.choice(ADJECTIVES)}", f"{r.choice(FIRST)}'s", f"The {r.choice(ADJECTIVES)} {coin(r, 2)}"])
    shape = r.random()
    if shape < .75:
        return f"{lead} {trade}"
    return r.choice([lead, f"{trade} {coin(r, 2)}", f"{lead} {trade} {r.choice(['Group', 'Co', '& Sons', 'Store', 'Australia', 'Services', 'Centre', 'Express'])}", f"{coin(r)} {coin(r)}"])

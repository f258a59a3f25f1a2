#include "app/demo_world.h"

#include <glib.h>

const DemoProduct demo_products[] = {
    {"LIN-SHIRT-SND", "Linen shirt, sand", "Linen", TASTE_LINEN, 7400, 6500, 3},
    {"LIN-SHIRT-IND", "Linen shirt, indigo", "Linen", TASTE_LINEN, 7400, 6500, 2},
    {"LIN-TROU-SND", "Linen trousers, sand", "Linen", TASTE_LINEN, 8900, 7800, 1.5},
    {"LIN-DRESS-OLV", "Linen dress, olive", "Linen", TASTE_LINEN, 11800, 10300, 1},
    {"LIN-BED-WHT", "Linen bed set, white", "Linen", TASTE_LINEN, 18900, 16500, 0.7},
    {"LIN-PILLOW", "Linen pillowcase", "Linen", TASTE_LINEN, 2900, 2500, 2.5},
    {"LIN-TOWEL", "Waffle towel", "Linen", TASTE_LINEN, 2400, 2100, 3},
    {"LIN-NAPKIN4", "Napkins, set of four", "Linen", TASTE_LINEN, 3200, 2800, 2},
    {"LIN-APRON", "Kitchen apron", "Linen", TASTE_LINEN, 3900, 3400, 1.5},
    {"TEA-LINDEN", "Linden blossom tea, 80 g", "Tea", TASTE_TEA, 890, 790, 4},
    {"TEA-MINT", "Garden mint tea, 60 g", "Tea", TASTE_TEA, 790, 690, 3},
    {"TEA-DARJ", "Darjeeling first flush, 100 g", "Tea", TASTE_TEA, 1650, 1450, 2.5},
    {"TEA-SENCHA", "Sencha, 100 g", "Tea", TASTE_TEA, 1490, 1290, 2},
    {"TEA-EARL", "Earl Grey, 100 g", "Tea", TASTE_TEA, 1190, 1050, 3},
    {"TEA-WINTER", "Winter spice tea, 90 g", "Tea", TASTE_TEA, 1090, 950, 2},
    {"TEA-BOX", "Tea sampler, twelve kinds", "Tea", TASTE_TEA, 2900, 2500, 1.5},
    {"TEA-POT", "Stoneware teapot", "Tea", TASTE_TEA, 5400, 4700, 0.8},
    {"HOM-CANDLE", "Beeswax candle", "Home", TASTE_HOME, 1600, 1400, 4},
    {"HOM-SOAP", "Lavender soap", "Home", TASTE_HOME, 750, 650, 4},
    {"HOM-BOWL", "Ash wood bowl", "Home", TASTE_HOME, 4200, 3700, 1.5},
    {"HOM-BOARD", "Walnut cutting board", "Home", TASTE_HOME, 5900, 5200, 1},
    {"HOM-MUG", "Stoneware mug", "Home", TASTE_HOME, 1900, 1700, 3},
    {"HOM-VASE", "Small vase, celadon", "Home", TASTE_HOME, 3400, 3000, 1.2},
    {"HOM-THROW", "Wool throw, grey", "Home", TASTE_HOME, 9800, 8600, 0.8},
    {"HOM-HONEY", "Chestnut honey, 450 g", "Home", TASTE_HOME, 1290, 1150, 3},
};
const size_t demo_product_count = G_N_ELEMENTS(demo_products);

static const char *const first_si[] = {
    "Ana",  "Marija", "Maja",  "Mojca", "Irena", "Mateja", "Nina", "Nataša", "Barbara", "Petra",
    "Eva",  "Katja",  "Tina",  "Sara",  "Špela", "Urška",  "Luka", "Marko",  "Andrej",  "Janez",
    "Ivan", "Matej",  "Tomaž", "Rok",   "Jure",  "Blaž",   "Miha", "Žiga",   "Gregor",  "Peter"};
static const char *const last_si[] = {
    "Novak",  "Horvat", "Kovačič", "Krajnc", "Zupančič", "Potočnik", "Kovač",   "Mlakar",
    "Kos",    "Vidmar", "Golob",   "Turk",   "Kralj",    "Božič",    "Korošec", "Zupan",
    "Bizjak", "Hribar", "Kotnik",  "Rozman", "Kavčič",   "Petek",    "Žagar",   "Hočevar",
    "Kolenc", "Košir",  "Jerman",  "Oblak",  "Medved",   "Pirc",     "Tomažič", "Štrukelj",
    "Babič",  "Koren",  "Lah",     "Breznik"};
static const char *const first_de[] = {
    "Anna",   "Julia", "Sabine", "Katharina", "Lena",    "Susanne",  "Claudia", "Birgit", "Heike",
    "Jana",   "Maria", "Petra",  "Ursula",    "Lukas",   "Thomas",   "Michael", "Stefan", "Andreas",
    "Markus", "Jan",   "Felix",  "Jürgen",    "Florian", "Matthias", "Greta",   "Frieda", "Jörg"};
static const char *const last_de[] = {
    "Müller",  "Schmidt",  "Schneider", "Fischer", "Weber",      "Meyer",   "Wagner",
    "Becker",  "Schulz",   "Hoffmann",  "Koch",    "Bauer",      "Richter", "Klein",
    "Wolf",    "Schröder", "Neumann",   "Schwarz", "Zimmermann", "Braun",   "Krüger",
    "Hofmann", "Hartmann", "Lange",     "Werner",  "Krause",     "Lehmann", "Köhler",
    "Maier",   "Böhm",     "Vogel",     "Jäger",   "Keller",     "Groß",    "Seidel"};
static const char *const first_at[] = {
    "Anna",  "Lena",   "Sophie", "Magdalena", "Theresa", "Elisabeth",  "Johanna",  "Katharina",
    "Eva",   "Monika", "Ingrid", "Lukas",     "Tobias",  "Maximilian", "Paul",     "Johannes",
    "Franz", "Josef",  "Karl",   "Georg",     "Simon",   "Valentin",   "Brigitte", "Renate"};
static const char *const last_at[] = {
    "Gruber",  "Huber",   "Bauer",   "Wagner", "Müller",    "Pichler", "Steiner", "Moser",
    "Mayer",   "Hofer",   "Leitner", "Berger", "Fuchs",     "Eder",    "Fischer", "Schmid",
    "Winkler", "Schwarz", "Maier",   "Reiter", "Schneider", "Lechner", "Brunner", "Lang",
    "Binder",  "Haas",    "Wallner", "Aigner", "Egger",     "Auer"};
static const char *const first_gb[] = {
    "Emma",   "Olivia", "Charlotte", "Sophie", "Lucy",   "Hannah", "Grace",  "Emily", "Alice",
    "Fiona",  "Helen",  "Margaret",  "James",  "Oliver", "Thomas", "George", "Harry", "William",
    "Edward", "Andrew", "Ian",       "Callum", "Rhys",   "Priya",  "Amira",  "Zoë",   "Moira"};
static const char *const last_gb[] = {
    "Smith", "Jones",    "Taylor", "Brown",    "Williams",  "Wilson",  "Johnson",  "Davies",
    "Patel", "Wright",   "Walker", "White",    "Evans",     "Roberts", "Green",    "Hall",
    "Wood",  "Clarke",   "Hughes", "Khan",     "Lewis",     "O'Neill", "Campbell", "MacLeod",
    "Begum", "Fletcher", "Marsh",  "Ashworth", "Pemberton", "Whitaker"};
static const char *const first_it[] = {
    "Giulia",  "Chiara", "Francesca", "Sara",   "Martina",  "Elena",   "Paola",   "Valentina",
    "Laura",   "Lucia",  "Anna",      "Marco",  "Luca",     "Andrea",  "Matteo",  "Paolo",
    "Stefano", "Davide", "Nicolò",    "Pietro", "Giovanni", "Roberto", "Antonio", "Irene"};
static const char *const last_it[] = {
    "Rossi",    "Russo",   "Ferrari",  "Bianchi",  "Romano",  "Colombo",  "Ricci",
    "Marino",   "Greco",   "Bruno",    "Gallo",    "Conti",   "De Luca",  "Costa",
    "Giordano", "Mancini", "Rizzo",    "Lombardi", "Moretti", "Barbieri", "Fontana",
    "Santoro",  "Mariani", "D'Angelo", "Vitale",   "Serra"};
static const char *const first_hr[] = {
    "Ivana",    "Marija", "Ana",      "Petra",   "Lucija", "Maja",   "Martina",  "Iva",
    "Nikolina", "Dora",   "Marko",    "Ivan",    "Josip",  "Luka",   "Tomislav", "Ante",
    "Hrvoje",   "Filip",  "Krešimir", "Domagoj", "Vedran", "Željka", "Snježana", "Tea"};
static const char *const last_hr[] = {
    "Horvat",    "Kovačević", "Babić",    "Marić",    "Jurić",   "Novak", "Kovačić",
    "Knežević",  "Vuković",   "Marković", "Petrović", "Matić",   "Tomić", "Pavlović",
    "Kovač",     "Božić",     "Blažević", "Grgić",    "Pavić",   "Radić", "Perić",
    "Filipović", "Šarić",     "Lovrić",   "Vidović",  "Perković"};
static const char *const first_fr[] = {
    "Marie",    "Camille", "Léa",     "Chloé",  "Manon",   "Julie",   "Claire", "Hélène",
    "Sophie",   "Aurélie", "Inès",    "Lucas",  "Hugo",    "Louis",   "Jules",  "Antoine",
    "François", "Mathieu", "Étienne", "Benoît", "Nicolas", "Margaux", "Élodie", "Noémie"};
static const char *const last_fr[] = {
    "Martin", "Bernard", "Dubois",   "Thomas",   "Robert",  "Richard",  "Petit",
    "Durand", "Leroy",   "Moreau",   "Simon",    "Laurent", "Lefèvre",  "Michel",
    "Garcia", "David",   "Bertrand", "Roux",     "Vincent", "Fournier", "Girard",
    "Bonnet", "Lambert", "Fontaine", "Rousseau", "Faure"};

#define NAMES(code) first_##code, last_##code, G_N_ELEMENTS(first_##code), G_N_ELEMENTS(last_##code)

const DemoCountry demo_countries[] = {
    {"SI", "Ljubljana", "1000", "Trubarjeva cesta", NAMES(si), 34},
    {"DE", "München", "80331", "Lindenstraße", NAMES(de), 20},
    {"AT", "Graz", "8010", "Herrengasse", NAMES(at), 13},
    {"GB", "London", "E8 3PN", "Columbia Road", NAMES(gb), 12},
    {"IT", "Trieste", "34121", "Via Cavana", NAMES(it), 9},
    {"HR", "Zagreb", "10000", "Ilica", NAMES(hr), 7},
    {"FR", "Lyon", "69001", "Rue Mercière", NAMES(fr), 5},
};
const size_t demo_country_count = G_N_ELEMENTS(demo_countries);

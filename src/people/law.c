/* Read again against, among others: DE https://lxgesetze.de/uwg/7 (Abs. 3 with its four
 * conditions), GB https://legislation.gov.uk/uksi/2003/2426/body (reg. 22), IE
 * https://www.dataprotection.ie/docs/DIRECT-MARKETING-A-GENERAL-GUIDE-FOR-DATA-CONTROLLERS/905.htm
 * (reg. 13(11)), CA https://canadianelectricalwholesaler.ca/?p=25244 (an existing business
 * relationship lasts two years from the purchase).
 */
#include "people/law.h"

#include <string.h>

#include "base/text.h"

/* What the directive says, where the country's own act is not named here. */
#define EU "Directive 2002/58/EC Art. 13(2), as the law of the country has it"

static const Law laws[] = {
    {"AT", "österreich|austria|at", "at-tkg-174-4", "TKG 2021 § 174 Abs. 4", 0},
    {"AU", "australia|australien|au", "au-spam-act", "Spam Act 2003, Schedule 2, clause 2", 0},
    {"BE", "belgium|belgien|belgique|belgië|be", "be-kb-2003-1",
     "Royal Decree of 4 April 2003, Art. 1", 0},
    {"BG", "bulgaria|bulgarien|bg", "eu-eprivacy-13-2", EU, 0},
    {"CA", "canada|kanada|ca", "ca-casl-10-9", "Canada's Anti-Spam Legislation, s. 10(9) and (10)",
     730},
    {"CH", "switzerland|schweiz|suisse|svizzera|ch", "ch-uwg-3-1-o", "UWG Art. 3 Abs. 1 lit. o", 0},
    {"CY", "cyprus|zypern|cy", "eu-eprivacy-13-2", EU, 0},
    {"CZ", "czech republic|czechia|tschechien|česko|cz", "cz-480-2004-7-3",
     "Act No. 480/2004 Coll., s. 7(3)", 0},
    {"DE", "germany|deutschland|allemagne|de", "de-uwg-7-3", "UWG § 7 Abs. 3", 0},
    {"DK", "denmark|dänemark|danmark|dk", "dk-mfl-10-2", "Markedsføringsloven § 10, stk. 2", 0},
    {"EE", "estonia|estland|ee", "eu-eprivacy-13-2", EU, 0},
    {"ES", "spain|spanien|españa|es", "es-lssi-21-2", "LSSI-CE art. 21.2", 0},
    {"FI", "finland|finnland|suomi|fi", "fi-917-2014-200", "Act 917/2014, s. 200(3)", 0},
    {"FR", "france|frankreich|fr", "fr-cpce-34-5", "CPCE art. L. 34-5", 0},
    {"GB",
     "united kingdom|great britain|england|scotland|wales|northern ireland|"
     "vereinigtes königreich|großbritannien|uk|gb",
     "gb-pecr-22-3", "Privacy and Electronic Communications Regulations 2003, reg. 22(3)", 0},
    {"GR", "greece|griechenland|gr", "gr-3471-11-3", "Law 3471/2006, Art. 11(3)", 0},
    {"HR", "croatia|kroatien|hrvatska|hr", "eu-eprivacy-13-2", EU, 0},
    {"HU", "hungary|ungarn|magyarország|hu", NULL, NULL, 0},
    {"IE", "ireland|irland|eire|ie", "ie-336-2011-13-11", "S.I. No. 336/2011, reg. 13(11)", 365},
    {"IS", "iceland|island|is", "eu-eprivacy-13-2", EU, 0},
    {"IT", "italy|italien|italia|it", "it-196-2003-130-4", "D.Lgs. 196/2003, art. 130(4)", 0},
    {"LI", "liechtenstein|li", "eu-eprivacy-13-2", EU, 0},
    {"LT", "lithuania|litauen|lietuva|lt", "eu-eprivacy-13-2", EU, 0},
    {"LU", "luxembourg|luxemburg|lu", "lu-2005-11", "Act of 30 May 2005, Art. 11(2)", 0},
    {"LV", "latvia|lettland|latvija|lv", "eu-eprivacy-13-2", EU, 0},
    {"MT", "malta|mt", "eu-eprivacy-13-2", EU, 0},
    {"NL", "netherlands|the netherlands|niederlande|holland|nederland|nl", "nl-tw-11-7",
     "Telecommunicatiewet art. 11.7", 0},
    {"NO", "norway|norwegen|norge|no", "no-mfl-15-3", "Markedsføringsloven § 15, third paragraph",
     0},
    {"NZ", "new zealand|neuseeland|nz", "nz-uema-4",
     "Unsolicited Electronic Messages Act 2007, s. 4", 0},
    {"PL", "poland|polen|polska|pl", NULL, NULL, 0},
    {"PT", "portugal|pt", "pt-41-2004-13-a", "Lei n.º 41/2004, art. 13.º-A", 0},
    {"RO", "romania|rumänien|ro", "ro-506-2004-12", "Law 506/2004, Art. 12(2)", 0},
    {"SE", "sweden|schweden|sverige|se", "se-mfl-19", "Marknadsföringslagen (2008:486) 19 §", 0},
    {"SI", "slovenia|slowenien|slovenija|si", "eu-eprivacy-13-2", EU, 0},
    {"SK", "slovakia|slowakei|slovensko|sk", "eu-eprivacy-13-2", EU, 0},
    {"US", "united states|united states of america|usa|vereinigte staaten|us", "us-can-spam",
     "CAN-SPAM Act, 15 U.S.C. § 7704", 0},
};

static bool name_among(const char *names, Slice name)
{
    for (const char *at = names; *at;) {
        size_t size = strcspn(at, "|");
        if (size == name.size && memcmp(at, name.data, size) == 0) return true;
        at += size + (at[size] == '|');
    }
    return false;
}

int law_country(Slice text)
{
    g_autofree char *folded = text_fold(text_trim(text));
    for (size_t i = 0; *folded && i < G_N_ELEMENTS(laws); i++)
        if (name_among(laws[i].names, slice_of(folded))) return (int)i;
    return LAW_NONE;
}

const Law *law_at(int place) { return place < 0 ? NULL : &laws[place]; }

int law_count(void) { return G_N_ELEMENTS(laws); }

char *law_text(const Law *law, const char *language)
{
    static const char english[] =
        "I confirm for customers in %s: they gave us this address when they bought from us; we "
        "write only about our own similar goods or services; they were told clearly, when they "
        "gave the address and in every message, that they can object at any time without other "
        "costs than those of transmission at the basic rates; and they have not objected. This "
        "rests on %s.";
    static const char german[] =
        "Ich bestätige für Kundinnen und Kunden in %s: Sie haben uns diese Adresse im Zusammenhang "
        "mit einem Kauf gegeben; wir werben nur für eigene ähnliche Waren oder Dienstleistungen; "
        "sie wurden bei der Erhebung der Adresse und werden bei jeder Verwendung klar und deutlich "
        "darauf hingewiesen, dass sie der Verwendung jederzeit widersprechen können, ohne dass "
        "andere als die Übermittlungskosten nach den Basistarifen entstehen; und sie haben nicht "
        "widersprochen. Rechtsgrundlage: %s.";
    bool is_german = g_strcmp0(language, "de") == 0;
    return is_german ? g_strdup_printf(german, law->country, law->citation)
                     : g_strdup_printf(english, law->country, law->citation);
}

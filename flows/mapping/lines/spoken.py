"""How people say quantities, prices and totals in a sentence: patterns in eleven languages."""

import re
from collections.abc import Iterable
from typing import Any, Final

from babel import Locale

from flows.mapping.lines.amounts import CURRENCY
from flows.mapping.lines.words import NUMBER_WORDS, SPELLED, UNITS

FIGURE: Final = (
    r"(?:(?:\d{1,3}(?:[ \u00a0\u202f'’.,]\d{3})+(?:[.,]\d{1,4})?(?!\d)|\d+(?:[.,]\d{1,4})?)"
    r"(?:[.,][-–—]{1,2})?)"
)
CASH: Final = rf"(?:{CURRENCY}\s?{FIGURE}|{FIGURE}\s?{CURRENCY})"
MONEY: Final = rf"[-−]?\s?(?:{CASH}|{FIGURE})"


def _any(words: Iterable[str]) -> str:
    """A pattern that is one of the words, the longest that fits; shared beginnings are written
    once, or the patterns would take seconds to compile."""
    tree: dict[str, Any] = {}
    for word in words:
        place = tree
        for letter in word:
            place = place.setdefault(letter, {})
        place[""] = {}
    return _branch(tree)


def _branch(tree: dict[str, Any]) -> str:
    ways = [re.escape(letter) + _branch(below) for letter, below in tree.items() if letter]
    if not ways:
        return ""
    joined = ways[0] if len(ways) == 1 and "" not in tree else f"(?:{'|'.join(ways)})"
    return f"{joined}?" if "" in tree else joined


_LOOSE: Final = {"x", "u", "a", "no", "g", "m", "l", "h", "in", "op", "ex", "par", "qt", "ct", "t"}
UNIT: Final = _any([*(UNITS - _LOOSE), *SPELLED["units"]])
_MEASURES: Final = (
    r"kg|gr?|mg|ml|cl|l|ltr|lit(?:er|re|res)|mm|cm|m2|qm|lfm|m|ft|in|inch(?:es)?|oz|lbs?|gal|kilos?|met(?:er|re)s?|"
    r"h|hours?|std|stunden?|heures?|days?|tage?n?|jours?|months?|monate?|mois|blatt|sheets?"
)
WORDS: Final = _any([*NUMBER_WORDS, *SPELLED["numbers"]])
COUNT: Final = r"(?:\d{1,3}(?:[.,'’\u00a0\u202f]\d{3})+|\d{1,6}(?:[.,]\d{1,3})?)(?![\d])"
_OF: Final = r"(?:of|von|vom|de|d['’]|di|van|da|do|of the|der|des)"
_ONE: Final = rf"(?:{UNIT}|unit|each|einheit|item|u|m|l|h|box)"
_EACH: Final = (
    rf"(?:\s*(?:/|per|pro|je|par|la|le|l['’]|by the|a|the|za|pr\.?|por|al|el|il|kus)\s?{_ONE}\b\.?"
    r"|\s+(?:each|apiece|pièce|piece|chacune?s?|cad(?:auno|auna|\.)?|cada(?:\s+un[oa])?|c/u|"
    r"netto|net|ht|ttc|stk|styck|st|ks|szt)\b\.?|\s+l['’](?:uno|una|un|unit[ée])\b)*"
)
_PRICE_MARKS: Final = (
    r"\b(?:au prix|al prezzo|al precio|ao preço)(?: unitaire| unitario| unitário)? (?:de|di)\b",
    r"@",
    r"\bà(?!\s?\w{3,}\s)",
    r"\bá\b",
    r"\bzu\s+(?:je(?:weils)?|einem\s+preis\s+von)\b",
    r"\bzum\s+(?:einzel|stück)?preis\s+(?:von|zu)(?:\s+je)?\b",
    r"\bzu(?=\s+\S*\d)",
    r"\b(?:für\s+)?je(?:weils)?\b",
    r"\beach\s+at\b",
    r"\b(?:priced\s+)?at(?:\s+a)?(?:\s+unit)?(?:\s+price(?:\s+of)?)?\b",
    r"\b(?:einzel|stück|stueck|unit|stuks|styck|stk\.?\s?)?-?(?:preis|price|prix|prezzo|precio|"
    r"preço|preco|prijs|cena|pris)"
    r"(?:\s+(?:unitaire|unitario|unit[àa]rio|unit\.?|je stück|pro stück|each|per unit|u\.?|netto|"
    r"jednostkowa|per stuk|za ks|za kus))?"
    r"(?:\s+(?:ht|ttc|netto|net))?\s*(?:[:=]|of|von|de)?",
    r"\b(?:E\.?P\.?|P\.?U\.?(?:\s+HT)?|VK)\s?[:=]?",
    r"\bper unit\s?:",
    rf"\b(?:po|por|til|tegen|för|för vardera)(?=\s+\S*\d)|\b(?:voor|for|für|pour)(?=\s+{CASH})",
)
PRICE: Final = re.compile(
    rf"(?:{'|'.join(_PRICE_MARKS)})\s*(?:von\s+|of\s+|de\s+|:\s*)?"
    rf"(?P<money>{MONEY})(?!:?\d){_EACH}",
    re.IGNORECASE,
)
PRICE_AFTER: Final = re.compile(
    rf"(?P<money>{CASH}|(?<![\w.,])\d{{1,6}}[.,]\d\d(?!\d))\s?(?:/|per\b|pro\b|je\b|par\b|por\b|pr\.?\s|za\b|l['’]|l[ae]\b|al\b|each\b|"
    r"ea\b\.?|apiece\b|pièce\b|piece\b|chacune?\b|cad(?:auno|auna)?\b\.?|cada\b|c/u|"
    rf"p\.?\s?(?:st|u|pc)\b\.?|vardera\b|per stuk\b|stk\b\.?|styck\b|st\b\.?)"
    rf"\s?(?:{_ONE}|un[oa])?\b\.?",
    re.IGNORECASE,
)
_SUM: Final = (
    r"total|totale|totaal|gesamt(?:preis)?|insgesamt|zusammen|summe|montant|betrag|amount|ensemble|"
    r"macht|importe|importo|bedrag|razem|łącznie|celkem|summa|totalt|i alt|wartość|belopp|beløb|"
    r"subtotal|ext(?:ended)?|g\.?p\.?(?=\s?[:=]?\s?\d)"
)
TOTAL: Final = re.compile(
    r"(?:=|→|=>|\bsoit\b|\b(?:line\s+|zeilen)?"
    rf"(?:{_SUM})\b(?:\s+(?:ht|ttc|netto|net|de|of|von|line|ligne|price))?)"
    rf"\s*:?\s*(?P<money>{MONEY})"
    r"(?:\s+(?:au\s+total|in\s+total|in\s+totale|en\s+total|total|gesamt|insgesamt|ht|ttc)\b)?",
    re.IGNORECASE,
)
TOTAL_AFTER: Final = re.compile(
    rf"(?P<money>{CASH})\s+(?:total|gesamt|insgesamt|(?:in|au|en|im)\s+total|in\s+totale|"
    r"altogether|zusammen|totaal|razem|celkem|totalt|i\s+alt|in\s+all)\b",
    re.IGNORECASE,
)
PRODUCT: Final = re.compile(
    rf"(?<![\w.,/-])(?P<count>{COUNT})\s?(?:[^\W\d]{{1,6}}\b\.?\s?)?[x×*]\s?"
    rf"(?P<money>{CASH}|\d+[.,]\d\d(?!\d))",
    re.IGNORECASE,
)
PRODUCT_BACK: Final = re.compile(
    rf"(?P<money>{CASH})\s?[x×*]\s?(?P<count>\d{{1,5}})(?![\w.,]*\d)", re.IGNORECASE
)
_COUNT_LABELS: Final = (
    r"qty|quantity|menge|anzahl|stückzahl|qt[ée]|quantit[ée]|nombre|quant|bestellmenge|"
    r"order(?:ed)?\s+qty|quantit[àa]|q\.?t[àa]|cantidad|cant|quantidade|qtde?|aantal|ilość|ilosc|"
    r"množství|mnozstvi|počet|antal|ant|antall|stuks|units|pieces|pcs|uds|pezzi"
)
# A measure that counts, its price being per the same measure: 1,500 l heating oil … /l
MEASURED: Final = re.compile(
    rf"\A\W{{0,4}}(?P<count>{COUNT})\s?(?:{_MEASURES})\b\.?\s+(?:{_OF}\s)?(?=[^\W\d]{{3}})",
    re.IGNORECASE,
)
# The number behind the article, what it costs being taken out: `Paper A4: 25 à 3,90 €`
BEHIND: Final = re.compile(r"(?::|[)\]␟]\s*[–—-])\s*(?P<count>\d{1,5})\s*(?=␟|\Z)")
# A number behind its unit: `Tiles, mq 45, …`
UNIT_BEFORE: Final = re.compile(
    rf"[,;|␟–—]\s*(?:{UNIT}|mq|ml|mc|qm|lfm|kg|m|l)\.?\s(?P<count>{COUNT})\s*(?=[,;|␟–—]|\Z)",
    re.IGNORECASE,
)
# A number and one word between two marks: - 15 bobines -
BETWEEN: Final = re.compile(
    r"(?:\A|[,;|␟]|\s[-–—])\s*(?P<count>\d{1,5})\s(?!(?:mm|cm)\b)[^\W\d]{2,14}\.?\s*"
    r"(?=\Z|[,;|␟]|[-–—]\s)"
)
ALONE: Final = re.compile(r"(?:␟|\A)\s*(?P<count>\d{1,4})\s*(?=␟|\Z)")
QUANTITY: Final = (
    re.compile(
        rf"\b(?:{_COUNT_LABELS})\b\.?(?:\s(?:von|of|de))?\s*[:=]?\s*"
        rf"(?P<count>{COUNT})(?:\s?(?:{UNIT})\b\.?)?",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<![\w.,/-])(?P<count>{COUNT})\s?[x×*](?![\w×])"
        r"(?!\s?\d+(?:[.,]\d+)?\s?(?:[x×]|cm|mm|m)\b)(?:\s+(?:stk|st[üu]ck|pcs?|st)\b\.?)?",
        re.IGNORECASE,
    ),
    re.compile(r"(?<!\S)(?P<count>\d{1,5})[x×](?=[A-Z])"),
    re.compile(r"\A\W{0,4}(?P<count>\d{1,5})\sno\.\s+(?=[^\W\d])", re.IGNORECASE),
    BEHIND,
    UNIT_BEFORE,
    MEASURED,
    re.compile(
        rf"(?<![\w])[x×]\s?(?P<count>{COUNT})(?![\w.,-]*\w)(?!\s?(?:[x×]|cm|mm|m)\b)", re.IGNORECASE
    ),
    re.compile(
        rf"(?<![\w.,/-])(?P<count>{COUNT})\s?(?!(?:{_MEASURES})\b)(?:{UNIT})\b\.?"
        rf"(?:\s+{_OF}(?=\s|\w))?",
        re.IGNORECASE,
    ),
    re.compile(
        r"\A\W{0,4}(?:n\.|nr\.?|n[°º]|num\.?)?\s?(?P<count>\d{1,5})\s+"
        rf"(?=[^\W\d]{{3}})(?!(?:{_MEASURES})\b)"
    ),
    re.compile(
        rf"(?<![\w.,/-])(?P<count>{COUNT})\s?(?!(?:cm|mm)\b)(?:{UNIT})\b\.?(?:\s+{_OF}(?=\s|\w))?",
        re.IGNORECASE,
    ),
    re.compile(rf"\A\W{{0,4}}(?P<count>{COUNT})\s(?:m|m²|qm|l|g|h)\s+(?=[A-ZÄÖÜÉ]|{_OF}\s)"),
    re.compile(
        r"\A\W{0,4}(?:n\.|nr\.?|n[°º]|num\.?)?\s?(?P<count>\d{1,5})\s+(?=[\"'„“«‚‘]?\s?[^\W\d])"
    ),
    BETWEEN,
    re.compile(r"(?<![\w.,/-])(?P<count>\d{1,5})\s+(?=(?:@|à|á|zu|je|at)\s?\S*\d)"),
    ALONE,
    re.compile(
        rf"\b(?P<count>{WORDS})\s+(?:(?:{UNIT})\b\.?\s*)?(?:{_OF}\s(?:the\s)?)?(?=\S)",
        re.IGNORECASE,
    ),
)
_MONTHS: Final = _any(
    {
        name.rstrip(".").lower()
        for code in ("en", "de", "fr", "it", "es", "pt", "nl", "pl", "cs", "sv", "da")
        for form in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for name in Locale(code).months[form][width].values()
        if not name[:1].isdigit() and name.rstrip(".").lower() not in UNITS
    }
)
# A day with its month's name counts nothing.
DAY: Final = re.compile(
    rf"(?<![\w.,])\d{{1,2}}(?:\.|st|nd|rd|th)?\s(?:de\s|of\s)?(?:{_MONTHS})\b\.?(?:,?\s(?:19|20)\d\d\b)?"
    rf"|\b(?:{_MONTHS})\.?\s\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s(?:19|20)\d\d)?"
    r"(?=\s*(?:[,;:)]|\.?\Z|\d\d?:\d\d))",
    re.IGNORECASE,
)
LAST: Final = re.compile(r"\A(?P<head>.*[^\W\d]{3}.*\S)\s+(?P<money>\d{1,5}[.,]\d\d)\Z")
# What letters begin with names no article.
GREETING: Final = re.compile(
    r"\W*(?:hallo|hello|hi|hey|dear|good (?:morning|day|afternoon|evening)|"
    r"guten (?:tag|morgen|abend)|"
    r"grüezi|moin|servus|(?:sehr )?geehrte[rs]?|liebe[rs]?|bonjour|bonsoir|salut|madame|monsieur|"
    r"cher|chère|buongiorno|buonasera|salve|ciao|gentil[ei]|egregi[oa]|spett(?:\.|abile)|estimad[oa]s?|"
    r"hola|buen(?:os|as)? (?:d[ií]as?|tardes)|ol[áa]|bom dia|boa tarde|car[oa]s?|exm[oa]s?|"
    r"beste|geachte|"
    r"goedemorgen|goedemiddag|szanown[iy]|dzień dobry|witam|dobrý den|vážen[íáý]|hej|hei|god dag)\b"
    r"[^\d:]{0,60}\Z",
    re.IGNORECASE,
)
_AND: Final = (
    r"and|und|et|sowie|plus|as well as|ainsi que|auch|also|y|e|ed|i|oraz|och|og|samt|en|además|"
    r"ook|también|anche"
)
LED_ON: Final = re.compile(rf"\A(?:{_AND})\s+(?=\d)", re.IGNORECASE)
START: Final = re.compile(
    rf"(?<!\bat)(?<!\b[àáa])(?<!@)(?<!\b(?:zu|je|po))(?<!\bpor)(?<!\b(?:für|for))(?<![€$£])"
    r"(?<!menge)(?<!anzahl)(?<!qty)(?<!quantity)(?<!qté)(?<!quantité)(?<!aantal)(?<!antal)(?<!cantidad)"
    rf"(?:\s*[,;]\s*(?:(?:{_AND})\s+)?|\s+(?:{_AND})\s+|\s+(?!{COUNT}\s?(?:{_MEASURES})\b))"
    rf"(?=(?:{COUNT})\s?(?:[x×](?!\d)\s*|(?!(?:kg|gr?|ml|cl|l|cm|mm|m)\b)(?:{UNIT})\b\.?\s+)"
    r"(?=[^\W\d]|[\"'„«(\[#]|\d(?!\d*[.,]\d\d(?!\d))))",
    re.IGNORECASE,
)
JOINED: Final = re.compile(
    r"(?:(?<=[€$£)\]\d])|(?<=\beach)|(?<=\bpièce)|(?<=\bstück)|(?<=\bEUR)|(?<=\beuro)|(?<=\beuros)|(?<=\bcad\.))"
    r"\s*[,;]\s+(?=\d{1,5}\s+[^\W\d])"
    rf"(?!\d{{1,5}}\s?(?:{UNIT})\b\.?\s*(?:[,;@)]|\Z|(?:à|je|zu|at)\b))"
    r"|(?<=[^\W\d_]{4}[.!?;])\s+(?=\d{1,5}\s+[^\W\d])"
    r"|(?<=[€$£)\]\d])\s*;\s+(?=[^\W\d])"
    rf"|\s*[,;]\s+(?=(?:{WORDS})\s+[^\W\d])"
    rf"|\s*[,;]?\s+(?:{_AND})\s+(?=(?:n\.\s?)?(?:\d{{1,5}}|{WORDS})\s+\S)",
    re.IGNORECASE,
)
_VERBS: Final = (
    r"order(?:ing)?|bestellen|bestelle|bestellung|send(?:en)?(?: us| me)?|need|brauchen?|"
    r"benötigen?|hätten? gerne?|möchten?|would like|voudra(?:is|it)|souhaite(?:r|rais)?|"
    r"commander?(?:ons)?|commande|envoyer|deliver|liefern(?: sie)?(?: uns)?|want|possible de|"
    r"livrer|"
    r"get (?:me|us)|ship|supply|ordinare|ordiniamo|servono|vorrei|vorremmo|inviateci|necesitamos|"
    r"necesito|pedir|pedimos|quisiera|queremos|envíen(?:nos|me)?|encomendar|precisamos|gostaríamos|"
    r"zamówić|zamawiam(?:y)?|proszę o|potrzebujemy|objednat|objednávám(?:e)?|objednáváme|prosím o|"
    r"beställa|beställer|behöver|bestille|bestiller|ønsker|wij|graag|nodig|bestel(?:len)?|quote"
)
LEAD: Final = re.compile(
    rf"\A[^\d:]{{3,80}}:\s+(?=\d{{1,5}}\s+(?!(?:{UNIT})\b)[^\W\d]{{3}})|"
    rf"\A.{{0,120}}?(?:\b(?:{_VERBS})\b)[^\d]{{0,40}}?(?=\d|\b(?:{WORDS})\s)",
    re.IGNORECASE | re.DOTALL,
)
BULLET: Final = re.compile(
    r"\A\s*(?:[-*•·‣▪●○◦■>–—+✓✔☐]+|\[(?:[ xX]|\d{1,3})?\]|\(?\d{1,2}[.)](?=\s)|\(?[a-z]\)(?=\s)|"
    r"(?:pos|poz)\.?\s*\d{1,3}\s*[:.)]|0{2,4}\d{1,3}\s+(?=\S)|\#\d{1,3}\s*[:.)]|"
    r"(?:item|line|artikel|article|ligne|produkt|product|produit|position|lot|los|posición|riga|rad|linje|"
    r"pozycja|položka|regel|zeile|articolo|artículo)\s+(?:n°\s?|no\.?\s|nr\.?\s|#)?(?:\d{1,3}|[a-z]\b)\s*(?:[:.)]|[–-]\s))\s*",
    re.IGNORECASE,
)
NOISE: Final = re.compile(
    r"\b(?:please|bitte|s'il vous plaît|svp|merci|danke|thanks?|regards|grüße|cordialement|grazie|"
    r"gracias|obrigad[oa]|dziękuję|děkuji|tack|mvh|bedankt|pozdrawiam|saluti)\b.*\Z",
    re.IGNORECASE | re.DOTALL,
)
CONNECT: Final = re.compile(
    r"(?:\A|\s)(?:au prix|al prezzo|al precio|ao preço|zum preis|at a price)(?:\s\w{1,9})?\s*\Z|"
    r"(?:\A|\s)(?:of|von|vom|de|d['’]|à|a|zu|je|at|for|für|pour|the|und|and|et|qty|total|au|in|di|"
    r"da|y|e|per|por|po|til|för|van|och|og|en|i|w|za|cad|your|ihre|votre)\s*\Z"
    r"|\A(?:of|von|vom|de|d['’]|the|und|and|et|sowie|also|mal|fois|times|di|del|della|van|y|e|och|og)\s*:?\s+",
    re.IGNORECASE,
)
# Reminders and tracking: their figures are no articles.
BILLING: Final = re.compile(
    r"\b(?:overdue|past due|outstanding|reminder|dunning|fällig|überfällig|mahnung|impayée?s?|"
    r"échéance|en retard|scadut[oa]|vencid[oa]|achterstallig|zaległ\w+|splatnost\w*|förfall\w*|"
    r"forfald\w*)\b",
    re.IGNORECASE,
)
DETACHED: Final = re.compile(
    rf"[\s,;:=–—-]*(?P<money>{CASH})\s*(?:netto|net|ht|ttc|brutto)?\s*[.)]?", re.IGNORECASE
)
BARE: Final = re.compile(r"(?:␟|[|;:–—]|\s-)\s*(?P<money>\d{1,6}[.,]\d\d)(?=\s*(?:\Z|[|;–—␟]))")
TAIL: Final = re.compile(
    rf"\A(?P<head>.*?)[\s,;:|–—-]+(?P<figures>(?:{MONEY}[\s,;|]+){{1,3}}{MONEY})\s*\Z"
)
FIGURES: Final = re.compile(MONEY)
LABEL_AT_END: Final = re.compile(
    r"\s*\b(?:qty|menge|anzahl|qté|preis|price|prix|art\.?-?nr\.?|sku|réf\.?|quantità|cantidad|"
    r"aantal|ilość|antal|prezzo|precio|prijs|cena|pris|unit|cod\.?|kod|varenr\.?|artnr\.?)"
    r"\s*[:.]?\s*\Z",
    re.IGNORECASE,
)
LABEL_AT_START: Final = re.compile(
    r"\A(?:bezeichnung|artikelbezeichnung|désignation|description|descrizione|descripción)\s+(?=\S)|"
    r"\A(?:artikel|article|item|product|produit|produkt|bezeichnung|name|désignation|description|"
    r"articolo|prodotto|descrizione|artículo|producto|descripción|produto|artigo|descrição|"
    r"omschrijving|towar|nazwa|zboží|název|vara|vare|beskrivelse|benämning|libellé|material)\s*:\s*",
    re.IGNORECASE,
)

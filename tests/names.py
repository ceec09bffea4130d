"""Names in five languages, each list in the order of its alphabet."""

NAMES = {
    "en": [
        "adam", "Adam", "Ádám", "Æsa", "Ann Z", "Ann-Lee", "Anna", "Đokić", "Dokov", "Ilgaz", "Irmak",
        "Łukasz", "Mary", "Œuvrard", "Ørsted", "O'Neil", "ONeill", "Weiss", "Weiß", "Zoë", "Ёлкин",
    ],
    "hu": [
        "Aczél Ida", "Ács Éva", "Cukor Pál", "Czene Pál", "Csáki Ede", "Dóra Ida", "Dzsida Ede", "Éder Anna",
        "Eperjes Ida", "Gulyás Ida", "Gyarmati Pál", "Kis Anna", "Kiss Anna", "Nyári Pál", "Olasz Pál",
        "Ördögh Ida", "Őri Pál", "Pál Ida", "Sipos Pál", "Szabó Anna", "Tyukodi Pál", "Udvari Ida",
        "Ürge Pál", "Vass Ida", "Zólyomi Ida", "Zsigmond Pál",
    ],
    "lt": [
        "Cibulskas Jonas", "Čepas Jonas", "Dambrauskas Jonas", "Ylaitė Rūta", "Ilgūnas Jonas", "Juodis Jonas",
        "Šarka Jonas", "Uosis Jonas", "Zuokas Jonas", "Žukas Jonas",
    ],
    "pl": [
        "Adam Lis", "Ąbik Jan", "Cis Jan", "Ćwik Jan", "Luboń Jan", "Łapicki Jan", "Mak Jan", "Osa Jan",
        "Ósma Ewa", "Sowa Jan", "Śliwa Jan", "Zając Jan", "Źrebak Jan", "Żaba Jan",
    ],
    "ru": ["Ежов Иван", "Ёлкин Иван", "Елкина Анна", "Жуков Иван", "Иванов Иван", "Йод Иван", "Anna Nowak"],
}  # fmt: skip
"""By language, in order (those of "en" in none). "Cz" is no letter of Hungarian, so Czene stands behind Cukor
and before Csáki."""

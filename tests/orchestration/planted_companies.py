"""Companies planted in every spelling that people use, with the truth of who belongs together."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from tests.orchestration.building import write_rows

Row = dict[str, str]

KATAKANA = ("アシスト", "サンライズ", "テクノブリッジ", "ガーデンプラス", "パブリカ", "ヴェルデ")
KANJI = ("山本製作所", "東洋精密工業", "日本橋商事", "光和電機", "大成食品", "北斗運輸", "三栄化成")
LATIN = ("Acme", "Blue River", "Northwind", "Kestrel", "Vinca", "Lockkite")
# Prefecture, and how people write it.
PLACES = {
    "13": ("東京都", "東京", "Tokyo", "13", "東京都千代田区", "ＴＯＫＹＯ"),
    "27": ("大阪府", "大阪", "Osaka", "27", "Osaka-fu"),
    "01": ("北海道", "Hokkaido", "01", "1"),
    "23": ("愛知県", "愛知", "Aichi", "Aichi Prefecture"),
    "40": ("福岡県", "福岡", "fukuoka", "40"),
}
BRANCHES = ("大阪支店", "横浜営業所", "第二営業部", "公共事業部", "名古屋支社", "本社")
FREE_MAIL = ("gmail.com", "yahoo.co.jp", "docomo.ne.jp", "abc.ocn.ne.jp", "icloud.com")


def half_width(text: str) -> str:
    """Katakana in half width, voiced marks apart."""
    narrow = {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFF66, 0xFF9E)}
    marks = {"\u3099": "\uff9e", "\u309a": "\uff9f"}
    return "".join(
        narrow.get(sign, marks.get(sign, sign)) for sign in unicodedata.normalize("NFD", text)
    )


def full_width(text: str) -> str:
    """ASCII letters in full width."""
    return "".join(
        chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else "\u3000" if sign == " " else sign
        for sign in text
    )


def spellings(name: str) -> list[str]:
    """Every way in which one company writes its name."""
    found = [
        name,
        f"株式会社{name}",
        f"{name}株式会社",
        f"（株）{name}",
        f"{name}(株)",
        f"㈱{name}",
        f"{name}㈱",
        f"株式会社　{name}",
        full_width(f"{name} K.K."),
        f"{name} Co., Ltd.",
        f"{name} CO.,LTD",
        f"{name}, Inc.",
        f"{name} 御中",
        f"株式会社{half_width(name)}",
        f"ｶﾌﾞｼｷｶﾞｲｼｬ {half_width(name)}",
        full_width(name),
        name.upper(),
        name.replace(" ", ""),
    ]
    found += [f"株式会社{name} {branch}" for branch in BRANCHES]
    found += [f"{name}株式会社{branch}" for branch in BRANCHES]
    return [*found, f"{name}(株)大阪支店 営業部"]


@dataclass
class Company:
    """A true company with what identifies it; an empty text is nothing."""

    name: str
    prefecture: str
    domain: str = ""
    number: str = ""
    phone: str = ""


@dataclass
class Planted:
    """Rows of the files and, for each lead, the number of its true company (None for nobody's)."""

    leads: list[Row] = field(default_factory=list)
    companies: list[Row] = field(default_factory=list)
    truth: dict[str, int | None] = field(default_factory=dict)

    def add_lead(self, owner: int | None, **values: str) -> str:
        lead_id = f"lead{len(self.leads):05d}"
        self.leads.append({"lead_id": lead_id, **values})
        self.truth[lead_id] = owner
        return lead_id

    def add_record(self, owner: int, **values: str) -> None:
        """A company in the CRM, and a lead that the CRM ties to it."""
        company_id = f"{1000 + len(self.companies)}"
        self.companies.append({"company_id": company_id, **values})
        self.add_lead(owner, company_id=company_id, email=f"someone{company_id}@gmail.com")

    def write(self, folder: Path) -> None:
        shared = ("company_id", "company", "corporate_number", "prefecture", "phone")
        write_rows(folder / "leads.csv", ("lead_id", *shared, "email"), self.leads)
        write_rows(folder / "companies.csv", (*shared, "domain", "created_at"), self.companies)


def plant(seed: int) -> Planted:
    """Companies, some of one name in several prefectures, their records and their leads.

    No two leads share an address of a person, which would make them one lead.
    """
    chance = random.Random(seed)
    planted = Planted()
    names = [*KATAKANA, *KANJI, *LATIN]
    truth = [
        Company(name, prefecture)
        for name in names
        for prefecture in chance.sample(sorted(PLACES), chance.choice((1, 1, 2, 3)))
    ]
    for number, company in enumerate(truth):
        if chance.random() < 0.6:
            company.domain = f"company{number}.co.jp"
        if chance.random() < 0.4:
            company.number = f"{7_000_000_000_000 + number * 1_234_567}"
        company.phone = f"0{chance.randint(3, 9)}-{1000 + number}-{chance.randint(1000, 8999)}"
    for number, company in enumerate(truth):
        plant_company(chance, planted, number, company)
    # A name alone, with a free address or none, is nobody's.
    for name in names:
        for domain in (*FREE_MAIL, ""):
            email = f"taro{len(planted.leads)}@{domain}" if domain else ""
            planted.add_lead(None, company=chance.choice(spellings(name)), email=email)
    # Words for no company, and people of one prefecture without a name of a company.
    for word in ("個人", "なし", "N/A", "株式会社", ""):
        for domain in FREE_MAIL:
            planted.add_lead(None, company=word, prefecture="東京都", email=f"info@{domain}")
    return planted


def plant_company(chance: random.Random, planted: Planted, number: int, company: Company) -> None:
    def place() -> str:
        return chance.choice(PLACES[company.prefecture])

    def name() -> str:
        return chance.choice(spellings(company.name))

    day = f"2026-0{chance.randint(1, 8)}-{chance.randint(10, 28)}"
    for _ in range(chance.choice((0, 0, 1, 2, 3))):
        planted.add_record(
            number,
            company=name(),
            prefecture=place(),
            domain=chance.choice((company.domain, f"https://www.{company.domain}/ja"))
            if company.domain
            else "",
            corporate_number=chance.choice((company.number, "")),
            phone=chance.choice((company.phone, "")),
            created_at=day,
        )
    for _ in range(chance.randint(3, 8)):
        planted.add_lead(
            number,
            company=name(),
            prefecture=place(),
            email=f"x{len(planted.leads)}@{chance.choice(FREE_MAIL)}",
        )
    # Somebody gives it all, which ties the rest together.
    planted.add_lead(
        number,
        company=name(),
        prefecture=place(),
        email=f"jiro@{company.domain}" if company.domain else "",
        corporate_number=company.number,
    )
    if company.domain:
        for local_part in ("hanako", "info", "soumu"):
            email = f"{local_part}@{company.domain.upper()}"
            planted.add_lead(number, company=chance.choice((name(), "")), email=email)
    if company.number:
        planted.add_lead(number, corporate_number=full_width(company.number))
        planted.add_lead(number, corporate_number=f"T{company.number}", company=name())
    # The telephone finds a company where its prefecture is not known, by the name as well.
    planted.add_lead(number, company=name(), prefecture=place(), phone=company.phone)
    planted.add_lead(number, company=name(), phone="+81-" + company.phone[1:])

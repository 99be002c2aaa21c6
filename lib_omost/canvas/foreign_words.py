"""Translates words of other languages for places, sizes, colours and distances to English.

Models that are asked in another language sometimes write the words of the vocabulary in that
language. English words stay as they are, so a text that is English already does not change.
"""

from __future__ import annotations

import re
import unicodedata

_UNSPACED = {
    # Chinese and Japanese; no blanks separate their words
    "左": "left", "右": "right", "上": "top", "下": "bottom", "中": "middle", "间": "", "間": "",
    "顶": "top", "頂": "top", "底": "bottom", "央": "", "心": "", "中心": "center",
    "无": "no", "無": "no", "没有": "no", "不": "no", "零": "no", "なし": "no", "ない": "no",
    "小": "small", "大": "large", "大小": "", "大きさ": "", "中等": "medium", "微": "",
    "方形": "square", "正方": "square", "长方形": "", "長方形": "",
    "竖": "vertical", "垂直": "vertical", "纵": "vertical", "縦": "vertical", "縱": "vertical",
    "横": "horizontal", "橫": "horizontal", "水平": "horizontal",
    "整个": "whole", "整個": "whole", "全": "whole", "背景": "background",
    "近": "near", "远": "far", "遠": "far", "很": "very", "非常": "very",
    "红": "red", "紅": "red", "赤": "red", "白": "white", "黑": "black", "黒": "black",
    "蓝": "blue", "藍": "blue", "青": "blue", "青色": "cyan", "天蓝": "sky blue",
    "绿": "green", "綠": "green", "緑": "green", "黄": "yellow", "黃": "yellow",
    "灰": "gray", "紫": "purple", "橙": "orange", "橘": "orange", "粉": "pink", "桃": "pink",
    "棕": "brown", "褐": "brown", "茶": "brown", "金": "gold", "银": "silver", "銀": "silver",
    "米色": "beige", "浅": "light", "淺": "light", "淡": "light", "深": "dark", "暗": "dark",
    "濃": "dark", "和": " and ", "与": " and ", "と": " and ", "的": " ", "の": " ",
    # Korean attaches particles to its words
    "왼": "left", "좌": "left", "오른": "right", "우측": "right", "위": "top", "상단": "top",
    "아래": "bottom", "하단": "bottom", "가운데": "middle", "중앙": "middle", "중간": "middle",
    "없": "no", "작은": "small", "큰": "large", "정사각": "square", "세로": "vertical",
    "가로": "horizontal", "전체": "whole", "배경": "background", "가까": "near", "먼": "far",
    "빨간": "red", "빨강": "red", "하얀": "white", "흰": "white", "검은": "black", "검정": "black",
    "파란": "blue", "파랑": "blue", "초록": "green", "녹색": "green", "노란": "yellow",
    "노랑": "yellow", "회색": "gray", "보라": "purple", "주황": "orange", "분홍": "pink",
    "갈색": "brown",
}  # fmt: skip
"""Words of languages that do not separate words by blanks; a longer one counts first."""

_SPACED = {
    word.casefold(): english
    for english, words in {
        "left": "links linke linken linker linkes gauche izquierda izquierdo sinistra sinistro "
        "esquerda esquerdo слева левый левая левой левом левее",
        "right": "rechts rechte rechten rechter rechtes droite derecha derecho destra destro "
        "direita direito справа правый правая правой правом правее",
        "top": "oben obere oberen oberer haut arriba superior sopra superiore acima вверху сверху "
        "верхний верхняя верхнем верхней выше",
        "bottom": "unten untere unteren unterer bas abajo inferior sotto inferiore abaixo внизу "
        "снизу нижний нижняя нижнем нижней ниже",
        "middle": "mitte mittig mittlere mittleren mittlerer mittelgross mittelgrosse "
        "mittelgrosser mittelgrosses milieu centro medio media mediano mediana moyen moyenne "
        "mezzo medie центр центре центру середина середине средний средняя среднее",
        "no": "kein keine keinen keiner ohne aucun aucune sans ningun ninguna ninguno sin nessun "
        "nessuno nessuna senza nenhum nenhuma sem нет без",
        "small": "klein kleine kleiner kleines petit petite pequeno pequena piccolo piccola "
        "маленький маленькая небольшой",
        "large": "gross grosse grosser grosses grand grande большой большая крупный",
        "square": "quadratisch quadratische quadratischer quadratisches quadrat carre carree "
        "cuadrado cuadrada quadrato quadrata quadrado quadrada квадратный квадратная квадрат",
        "vertical": "vertikal vertikale vertikaler senkrecht hochformat verticale vertikales "
        "вертикальный вертикальная",
        "horizontal": "horizontale horizontaler waagerecht querformat orizzontale "
        "горизонтальный горизонтальная",
        "whole": "ganz ganze ganzen ganzes gesamte gesamten uberall entier entiere toute todo "
        "toda intero intera tutto tutta inteiro inteira весь всё вся",
        "background": "hintergrund fondo sfondo fundo фон фоне",
        "near": "nah nahe proche pres cerca cercano vicino perto близко близкий",
        "far": "weit entfernt loin lejos lejano lontano longe далеко далекий",
        "light": "hell helle heller hellen clair claire claro clara chiaro chiara светло светлый",
        "dark": "dunkel dunkle dunkler dunklen fonce foncee oscuro oscura scuro scura escuro "
        "темно темный",
        "and": "und et y и",
        "red": "rot rote roter rotes rouge rojo roja rosso rossa vermelho vermelha красный "
        "красная красное",
        "white": "weiss weisse weisser blanc blanche blanco blanca bianco bianca branco branca "
        "белый белая белое",
        "black": "schwarz schwarze schwarzer noir noire negro negra nero nera preto preta черный "
        "черная черное",
        "blue": "blau blaue blauer bleu bleue azul blu синий синяя синее голубой",
        "green": "grun grune gruner vert verte verde зеленый зеленая зеленое",
        "yellow": "gelb gelbe gelber jaune amarillo amarilla giallo gialla amarelo amarela "
        "желтый желтая желтое",
        "gray": "grau graue grauer gris grise grigio grigia cinza серый серая серое",
        "brown": "braun braune brauner marron brun brune marrone marrom коричневый коричневая",
        "orange": "naranja arancione laranja оранжевый оранжевая",
        "purple": "lila violett violette morado morada viola roxo roxa фиолетовый",
        "pink": "rosa розовый розовая",
        "gold": "dore doree dorado dorada dorato dourado золотой золотая",
        "silver": "silbern silberne argente plateado argento prateado серебряный",
    }.items()
    for word in words.split()
}
"""Words of languages that separate words by blanks; German ß is written as ss."""


def _without_accents(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


_UNSPACED_WORD = re.compile("|".join(sorted(_UNSPACED, key=len, reverse=True)))
_WORD = re.compile(r"[^\W\d_]+")
_ENGLISH = {_without_accents(word): english for word, english in _SPACED.items()}
_GERMAN_SHADES = {"hell": "light", "dunkel": "dark"}


def to_english(text: str) -> str:
    """Translates the known words of other languages in a short text to English.

    Args:
        text: A place, size, colour or distance in any language; its length must be limited.

    Returns:
        The text in lower case, with English words in place of the known ones. Full-width letters
        and digits become ordinary ones.
    """
    text = unicodedata.normalize("NFKC", text).casefold()
    if not text.isascii():
        text = _UNSPACED_WORD.sub(lambda match: f" {_UNSPACED[match[0]]} ", text)
    return _WORD.sub(lambda match: _translate(match[0]), text)


def _translate(word: str) -> str:
    plain = _without_accents(word)
    for shade, english in _GERMAN_SHADES.items():  # "hellblau"
        color = plain.removeprefix(shade)
        if color != plain and color in _ENGLISH:
            return f"{english} {_ENGLISH[color]}"
    return _ENGLISH.get(plain, word)

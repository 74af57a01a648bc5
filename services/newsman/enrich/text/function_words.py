"""Small words that give a language away, of those languages in Latin letters that news has most."""

import re
from collections import defaultdict
from collections.abc import Mapping

_WORDS = {
    "en": "the of and to in is was were for on with that said has have from by at it this who will "
    "are be his her they which after over as into their its but not been would between near no one "
    "there than when what if more all up out had could should while under against",
    "fr": "le la les des du et une dans est pour sur au aux avec par que qui ont été plus ce cette "
    "son sa ses leur mais ne pas selon après elle ils aucun aucune sans sous entre où sera est à "
    "deux vont va font leurs cet dont",
    "de": "der die das und den dem des ist im mit von für auf nicht ein eine einen einem einer zu "
    "sich auch nach bei wird wurde hat haben sie als aus über zum zur heute wie noch nur wir "
    "ich sind vor durch gegen kein keine",
    "es": "el los las del y una en por con para que se su sus fue ha han como más pero este esta "
    "según tras al lo es no hay hubo está están sin sobre entre hasta desde cuando muy ya hoy son",
    "it": "il lo gli della dei delle degli di e una nel nella per con che è sono stato ha hanno al "
    "alla dal dalla più non anche si sul oggi domani senza tra dopo",
    "pt": "o os as do da dos das e uma em no na nos nas por com para que se foi são ao à mais não "
    "também segundo após um depois pela pelo está hoje sem entre amanhã pelos",
    "nl": "de het een van en in op voor met dat zijn is niet aan door naar bij uit ook wordt werd "
    "heeft hebben over na maar te",
    "sv": "och att det som en ett på är av för med den till har inte om från var han hon efter "
    "säger vid också men i går inga ingen ska kan när inte idag i morgon enligt utan mot",
    "da": "og at det som en et på er af for med den til har ikke om fra var han hun efter siger "
    "ved også men i blev kan skal vil ingen uden ifølge mellem nu",
    "no": "og at det som en et på er av for med den til har ikke om fra var han hun etter sier "
    "ved også men i ble blir skal kan vil ingen uten ifølge mellom nå",
    "fi": "ja on ei että oli se hän ovat mutta myös kun sekä joka mukaan jälkeen ole",
    "pl": "i w z na się nie do jest że to o po przez od za jak oraz są był była dla",
    "cs": "a v na se je že z do o s po za pro ve jako byl byla jsou které který podle",
    "hu": "a az és hogy nem is egy meg van volt szerint után ki el már még csak",
    "ro": "și în la de pe cu din că nu o este au fost mai pentru care prin sau după",
    "tr": "ve bir bu da de için ile olarak çok daha sonra olan gibi kadar en ne",
    "id": "yang dan di dari untuk dengan ini itu pada dalam akan tidak oleh ke telah sebagai juga "
    "setelah karena ada para saat hari orang",
    "vi": "và của là có được cho trong một các những đã với không người này",
    "hr": "i je u na se da su za od s a što koji koja će kao po iz nije bio",
    "ru": "и в не на что с по из его как это для она они был была было были от при за нет но или "
    "после сообщил сообщили уже также года году",
    "uk": "і в не на що з по із його як це для вона вони був була було були від при за немає але "
    "або після повідомив також року та до зі",
    "bg": "и в не на че с по от го като това за тя те беше са при няма но или след каза също "
    "година ще до се е",
}
_LANGUAGES = {
    word: tuple(code for code, words in _WORDS.items() if word in words.split())
    for words in _WORDS.values()
    for word in words.split()
}
_TOKEN = re.compile(r"[^\W\d_]+")
READ_CHARACTERS = 2_000


def function_words(text: str) -> Mapping[str, float]:
    """The weight of each language's small words in a text; a word of several languages counts for
    each a share."""
    counts: dict[str, float] = defaultdict(float)
    for word in _TOKEN.findall(text[:READ_CHARACTERS]):
        codes = _LANGUAGES.get(word.lower(), ())
        for code in codes:
            counts[code] += 1 / len(codes)
    return counts

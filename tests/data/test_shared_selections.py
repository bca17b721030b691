import pytest

from flhetero_dash.data.errors import DataError
from flhetero_dash.data.shared_selections import SharedSelections

DIGEST = "0" * 32


def test_what_was_stored_is_found_again_and_stays(tmp_path):
    shared = SharedSelections(tmp_path / "shared")
    assert shared.text(DIGEST) is None
    shared.store(DIGEST, "1-5,9")
    shared.store(DIGEST, "2")  # a digest has one meaning
    assert SharedSelections(tmp_path / "shared").text(DIGEST) == "1-5,9"


def test_no_other_file_is_read_or_written(tmp_path):
    shared = SharedSelections(tmp_path / "shared")
    shared.store("../evil", "1")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / f"{DIGEST}.json").write_text("{")
    assert shared.text(DIGEST) is None


def test_a_full_or_unwritable_folder_is_told(tmp_path):
    small = SharedSelections(tmp_path / "small", max_bytes=3)
    with pytest.raises(DataError, match="shared selections take 0 bytes; expected at most 3"):
        small.store(DIGEST, "1-5,9")
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot be shared"):
        SharedSelections(tmp_path / "file").store(DIGEST, "1")

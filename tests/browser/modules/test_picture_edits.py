"""Sizes, frames and averages of pictures that are blurred and cropped."""

BOUNDS = "const bounds = { width: 1000, height: 500 };"


def test_a_large_picture_is_made_smaller_in_its_proportions_and_a_small_one_is_not(run):
    script = "return [fitted({ width: 8000, height: 100 }, 2560), fitted({ width: 640, height: 480 }, 2560)];"
    assert run("picture_edits", script) == [{"width": 2560, "height": 32}, {"width": 640, "height": 480}]


def test_a_drag_in_any_direction_and_beyond_the_edge_is_a_rectangle_within_the_picture(run):
    script = "return between({ x: 900.2, y: 400 }, { x: -40, y: 700 }, bounds);"
    assert run("picture_edits", BOUNDS + script) == {"x": 0, "y": 400, "width": 901, "height": 100}


def test_arrow_keys_move_and_size_a_frame_that_stays_in_the_picture_and_is_never_empty(run):
    found = run(
        "picture_edits",
        BOUNDS
        + """const start = middle(bounds);
        const press = (key, sizes) => Array.from({ length: 200 })
            .reduce((frame) => stepped(frame, key, { sizes }, bounds), start);
        return [stepped(start, "ArrowRight", {}, bounds).x - start.x, press("ArrowLeft"), press("ArrowDown"),
            press("ArrowRight", true), press("ArrowUp", true)];""",
    )
    assert found[0] == 20
    assert found[1]["x"] == 0
    assert found[2]["y"] + found[2]["height"] == 500
    assert found[3]["x"] + found[3]["width"] == 1000
    assert found[4]["height"] == 20


def test_what_is_averaged_has_too_few_cells_for_a_face_or_a_name(run):
    found = run(
        "picture_edits",
        BOUNDS
        + """const sizes = [[200, 250], [12, 12], [600, 20], [1000, 500], [1, 1]];
        return sizes.map(([width, height]) => Object.values(cellsOf({ width, height }, bounds)));""",
    )
    assert found == [[3, 4], [1, 1], [60, 2], [6, 3], [1, 1]]


def test_a_cell_has_the_average_colour_of_its_pixels_alone(run):
    found = run(
        "picture_edits",
        """const pixels = [0, 0, 0, 255, 100, 0, 0, 255, 7, 8, 9, 255, 7, 8, 9, 255];
        return [...averages(pixels, { width: 4, height: 1 }, { columns: 2, rows: 1 })];""",
    )
    assert found == [50, 0, 0, 255, 7, 8, 9, 255]


def test_a_face_is_blurred_with_what_is_around_it_and_a_tap_as_one(run):
    found = run(
        "picture_edits",
        BOUNDS
        + """return [aroundFace({ x: 100, y: 100, width: 40, height: 80 }, bounds),
            aroundTap({ x: 0, y: 250 }, bounds)];""",
    )
    assert found[0] == {"x": 90, "y": 80, "width": 60, "height": 120}
    assert found[1]["x"] == 0
    assert found[1]["width"] < found[1]["height"] <= 100


def test_the_name_of_a_file_ends_with_the_type_it_has_now(run):
    script = """return [["IMG_1.HEIC", "image/jpeg"], ["a.b.png", "image/webp"], ["board", "image/jpeg"],
        [".png", "image/webp"]].map(([name, type]) => renamed(name, type));"""
    assert run("picture_edits", script) == ["IMG_1.jpg", "a.b.webp", "board.jpg", ".png.webp"]


def test_only_pictures_are_prepared_and_other_files_come_back_at_once(run):
    found = run(
        "pictures",
        """const pdf = new File(["x"], "sheet.pdf", { type: "application/pdf" });
        return [await prepare(pdf) === pdf, isPicture({ name: "IMG_1.HEIC", type: "" }),
            isPicture({ name: "drawing.svg", type: "image/svg+xml" })];""",
    )
    assert found == [True, True, False]

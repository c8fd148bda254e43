"""What is left of a picture when an issue keeps it."""

import io

import pytest
from PIL import Image, PngImagePlugin

from grid_governance.photos import images

ORIENTATION, MAKE, GPS = 0x0112, 0x010F, 0x8825
TURNED_RIGHT = 6
SECRET = "31.2304N"


def drawn(size: tuple[int, int] = (60, 40)) -> Image.Image:
	"""Red in its left half, blue in its right."""
	image = Image.new("RGB", size, (10, 10, 250))
	image.paste((250, 10, 10), (0, 0, size[0] // 2, size[1]))
	return image


def camera_data(**tags: int) -> Image.Exif:
	exif = Image.Exif()
	exif[MAKE] = SECRET
	exif.get_ifd(GPS)[1] = "N"
	for tag in tags.values():
		exif[ORIENTATION] = tag
	return exif


def written(kind: str, image: Image.Image | None = None, **options: object) -> bytes:
	file = io.BytesIO()
	(image or drawn()).save(file, kind, **options)
	return file.getvalue()


def opened(content: bytes) -> Image.Image:
	image = Image.open(io.BytesIO(content))
	image.load()
	return image


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_the_camera_wrote_is_gone_and_the_kind_stays(kind):
	content = written(kind, exif=camera_data())
	assert SECRET.encode() in content and not images.is_clean(content)
	clean, ending = images.clean(content)
	assert SECRET.encode() not in clean
	assert not opened(clean).getexif()
	assert (opened(clean).format, images.KINDS[kind]) == (kind, ending)
	assert images.is_clean(clean)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_taken_on_its_side_stands_upright(kind):
	clean = opened(images.clean(written(kind, exif=camera_data(turned=TURNED_RIGHT)))[0])
	assert clean.size == (40, 60)
	above, below = (clean.convert("RGB").getpixel((20, row)) for row in (10, 50))
	assert above[0] > 200 > 80 > above[2], "red was on the left, which the camera held above"
	assert below[2] > 200 > 80 > below[0]


def test_texts_in_a_png_are_gone():
	notes = PngImagePlugin.PngInfo()
	notes.add_text("Comment", SECRET)
	notes.add_itxt("XML:com.adobe.xmp", SECRET)
	content = written("PNG", pnginfo=notes)
	assert not images.is_clean(content)
	assert SECRET.encode() not in images.clean(content)[0]


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_what_stands_behind_the_picture_is_gone(kind):
	content = written(kind) + SECRET.encode()
	assert not images.is_clean(content)
	assert SECRET.encode() not in images.clean(content)[0]


def test_a_comment_in_a_jpeg_is_gone():
	content = written("JPEG", comment=SECRET)
	if (
		SECRET.encode() not in content
	):  # an older Pillow writes none: a comment of its own, right after the start
		content = (
			content[:2] + b"\xff\xfe" + (2 + len(SECRET)).to_bytes(2, "big") + SECRET.encode() + content[2:]
		)
	assert not images.is_clean(content)
	assert SECRET.encode() not in images.clean(content)[0]


def test_a_large_photo_is_shrunk_in_its_proportions_and_a_small_one_left():
	large = written("JPEG", drawn((3000, 1500)))
	assert not images.is_clean(large, images.LONGEST_EDGE)
	assert opened(images.clean(large, images.LONGEST_EDGE)[0]).size == (1600, 800)
	tall = written("PNG", drawn((900, 1800)))
	assert opened(images.clean(tall, images.LONGEST_EDGE)[0]).size == (800, 1600)
	small = written("JPEG", drawn((640, 480)))
	assert images.is_clean(small, images.LONGEST_EDGE)
	assert opened(images.clean(small, images.LONGEST_EDGE)[0]).size == (640, 480)
	assert opened(images.clean(large)[0]).size == (3000, 1500)


def test_what_is_transparent_stays_so_where_the_kind_can():
	image = Image.new("RGBA", (20, 20), (250, 10, 10, 0))
	assert opened(images.clean(written("PNG", image))[0]).getpixel((5, 5))[3] == 0


def test_other_pictures_become_a_jpeg():
	clean, ending = images.clean(written("BMP"))
	assert (opened(clean).format, ending) == ("JPEG", ".jpg")


@pytest.mark.parametrize(
	"content",
	[b"", b"<script>alert(1)</script>", b"<svg xmlns='http://www.w3.org/2000/svg'/>", written("JPEG")[:200]],
	ids=["nothing", "a script", "a drawing in words", "half a photo"],
)
def test_what_is_no_picture_is_refused(content):
	for look in (images.clean, images.is_clean):
		with pytest.raises(images.NotAPictureError):
			look(content)


def test_a_picture_too_large_to_open_is_refused_unread(monkeypatch):
	content = written("PNG", Image.new("L", (300, 300)))
	monkeypatch.setattr(images, "MOST_PIXELS", 300 * 300 - 1)
	for look in (images.clean, images.is_clean):
		with pytest.raises(images.NotAPictureError, match="300 x 300"):
			look(content)

package org.palimpsest.io.plot;

import java.awt.image.RenderedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.apache.batik.svggen.ImageHandlerBase64Encoder;
import org.apache.batik.svggen.SVGGraphics2DIOException;

/**
 * Encodes images by the JDK's encoder, and puts them so into an SVG: Batik's own is in a library
 * that nothing else needs.
 */
final class EmbeddedPng extends ImageHandlerBase64Encoder {

  /** In memory: the JDK would use a temporary file, which a full disk cannot hold. */
  static byte[] bytes(RenderedImage image) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
    ImageWriteParam smallest = writer.getDefaultWriteParam();
    smallest.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
    smallest.setCompressionQuality(0);
    try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), smallest);
      writer.dispose();
    } catch (IOException impossible) {
      throw new UncheckedIOException("a picture in memory can be written", impossible);
    }
    return bytes.toByteArray();
  }

  @Override
  public void encodeImage(RenderedImage image, OutputStream out) throws SVGGraphics2DIOException {
    try {
      out.write(bytes(image));
    } catch (IOException failure) {
      throw new SVGGraphics2DIOException("an image of an SVG cannot be encoded", failure);
    }
  }
}

package org.palimpsest.io.internal.hdf5;

import io.jhdf.ObjectHeader;
import io.jhdf.object.message.ObjectHeaderContinuationMessage;
import io.jhdf.storage.HdfBackingStorage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The bytes of an object's header, for what jHDF does not tell of it.
 *
 * @param blocks its pieces; the first may reach beyond it
 * @param sizeOfOffsets how many bytes an address has
 */
record HeaderBytes(List<byte[]> blocks, int sizeOfOffsets) {

  private static final int LONGEST_FIRST_BLOCK = 1 << 12;

  static HeaderBytes of(ObjectHeader header, HdfBackingStorage storage) {
    List<byte[]> blocks = new ArrayList<>();
    long room = storage.size() - storage.getUserBlockSize() - header.getAddress();
    int first = (int) Math.min(LONGEST_FIRST_BLOCK, room);
    blocks.add(bytes(storage.readBufferFromAddress(header.getAddress(), first)));
    for (ObjectHeaderContinuationMessage more :
        header.getMessagesOfType(ObjectHeaderContinuationMessage.class)) {
      blocks.add(bytes(storage.readBufferFromAddress(more.getOffset(), more.getLength())));
    }
    return new HeaderBytes(blocks, storage.getSizeOfOffsets());
  }

  static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  /**
   * Names that lie before an address.
   *
   * @param decoded the name, a character for each byte; those that are no ASCII are unknown
   */
  List<ByteBuffer> before(long address, String decoded) {
    List<ByteBuffer> found = new ArrayList<>();
    int length = decoded.length();
    for (byte[] block : blocks) {
      for (int at = length + 1; at + sizeOfOffsets <= block.length; at++) {
        if (isAddress(block, at, address)
            && (block[at - length - 1] & 0xff) == length
            && isName(block, at - length, decoded)) {
          ByteBuffer name = ByteBuffer.wrap(block, at - length, length).slice();
          if (!found.contains(name)) {
            found.add(name);
          }
        }
      }
    }
    return found;
  }

  private boolean isAddress(byte[] block, int at, long address) {
    boolean same = true;
    for (int b = 0; b < sizeOfOffsets; b++) {
      same &= block[at + b] == (byte) (address >>> Byte.SIZE * b);
    }
    return same;
  }

  private static boolean isName(byte[] block, int at, String decoded) {
    boolean same = true;
    for (int c = 0; c < decoded.length(); c++) {
      same &= block[at + c] < 0 || block[at + c] == decoded.charAt(c);
    }
    return same;
  }
}

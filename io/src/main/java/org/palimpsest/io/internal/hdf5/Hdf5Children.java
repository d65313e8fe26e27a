package org.palimpsest.io.internal.hdf5;

import io.jhdf.AbstractNode;
import io.jhdf.FractalHeap;
import io.jhdf.GroupSymbolTableNode;
import io.jhdf.HdfFile;
import io.jhdf.LocalHeap;
import io.jhdf.ObjectHeader;
import io.jhdf.SymbolTableEntry;
import io.jhdf.Utils;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import io.jhdf.btree.BTreeV1;
import io.jhdf.btree.BTreeV2;
import io.jhdf.btree.record.LinkNameForIndexedGroupRecord;
import io.jhdf.exceptions.HdfException;
import io.jhdf.exceptions.UnsupportedHdfException;
import io.jhdf.object.datatype.OpaqueDataType;
import io.jhdf.object.message.LinkInfoMessage;
import io.jhdf.object.message.LinkMessage;
import io.jhdf.object.message.SymbolTableMessage;
import io.jhdf.storage.HdfBackingStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;

/**
 * What a group holds, by name. jHDF gives nothing of a group in which one thing is of a kind that
 * it does not read, such as a virtual dataset: here the others are given still.
 *
 * @param nodes what can be read
 * @param unread why something cannot, by its name
 * @param opaque those of the latter that are opaque pairs of bytes
 */
public record Hdf5Children(
    Map<String, Node> nodes, Map<String, String> unread, Map<String, OpaqueNumbers> opaque) {

  private static final int SOFT_LINK = 2;
  private static final long NONE = -1;

  private static final int LENGTH_OF_LENGTH = 3;
  private static final int CREATION_ORDER = 4;
  private static final int LINK_TYPE = 8;
  private static final int CHARACTER_SET = 16;

  /** Those of a group. */
  public static Hdf5Children of(HdfFile file, Group group) {
    try {
      Map<String, Node> children = group.getChildren();
      return children.keySet().stream().anyMatch(Hdf5Texts::isLost)
          ? oneByOne(file, group)
          : new Hdf5Children(children, Map.of(), Map.of());
    } catch (RuntimeException failure) {
      if (unsupported(failure).isPresent()) {
        return oneByOne(file, group);
      }
      throw named(file, group, failure);
    }
  }

  /** The failure with the name of what is to blame, if it is one of the group's things. */
  private static RuntimeException named(HdfFile file, Group group, RuntimeException failure) {
    try {
      oneByOne(file, group);
      return failure;
    } catch (PalimpsestException naming) {
      return naming;
    } catch (RuntimeException alsoOfTheGroup) {
      return failure;
    }
  }

  private static Optional<String> unsupported(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnsupportedHdfException) {
        return Optional.of(inWords(String.valueOf(cause.getMessage())));
      }
      if (stumblesOverOpaqueBytes(cause)) {
        return Optional.of("opaque bytes");
      }
    }
    return Optional.empty();
  }

  private static String inWords(String jhdf) {
    String lower = jhdf.toLowerCase(Locale.ROOT);
    if (lower.contains("external data files")) {
      return "kept in other files, which are not opened: save it within this one";
    }
    return lower.contains("version")
        ? jhdf + ": of a newer form of HDF5, save the file with libver='v110'"
        : jhdf;
  }

  /** jHDF wants a name of opaque bytes to end as HDF5 itself need not end it. */
  private static boolean stumblesOverOpaqueBytes(Throwable failure) {
    return Arrays.stream(failure.getStackTrace())
        .anyMatch(place -> place.getClassName().equals(OpaqueDataType.class.getName()));
  }

  private static Hdf5Children oneByOne(HdfFile file, Group group) {
    ObjectHeader header = ((AbstractNode) file.getNodeByAddress(group.getAddress())).getHeader();
    HdfBackingStorage storage = file.getHdfBackingStorage();
    Map<String, Long> addresses =
        header.hasMessageOfType(SymbolTableMessage.class)
            ? inTable(file, header.getMessageOfType(SymbolTableMessage.class))
            : inMessages(file, header);
    Map<String, Node> nodes = new LinkedHashMap<>();
    Map<String, String> unread = new LinkedHashMap<>();
    Map<String, OpaqueNumbers> opaque = new LinkedHashMap<>();
    addresses.forEach(
        (name, address) -> {
          if (address == NONE) {
            unread.put(name, "a link");
            return;
          }
          try {
            nodes.put(name, file.getNodeByAddress(address));
          } catch (RuntimeException failure) {
            unread.put(name, unsupported(failure).orElseThrow(() -> naming(name, file, failure)));
            OpaqueNumbers.at(storage, address).ifPresent(numbers -> opaque.put(name, numbers));
          }
        });
    return new Hdf5Children(nodes, unread, opaque);
  }

  private static PalimpsestException naming(String name, HdfFile file, RuntimeException failure) {
    return new PalimpsestException(
        "%s: '%s' is damaged, or uses what is not read%s. Save the file without it."
            .formatted(file.getFileAsPath(), name, reason(failure)),
        failure);
  }

  /**
   * What jHDF, or the reading of the bytes, says of a file, in brackets behind a blank. The first
   * failure says what is not read, those that follow from it where that stands. Where jHDF stumbles
   * it says nothing.
   */
  public static String reason(Throwable failure) {
    Throwable first = failure;
    while (first.getCause() != null) {
      first = first.getCause();
    }
    boolean meant = first instanceof HdfException || first instanceof IOException;
    return meant && first.getMessage() != null ? " (" + first.getMessage() + ")" : "";
  }

  private static Map<String, Long> inTable(HdfFile file, SymbolTableMessage table) {
    HdfBackingStorage storage = file.getHdfBackingStorage();
    BTreeV1 tree = BTreeV1.createGroupBTree(storage, table.getBTreeAddress());
    ByteBuffer names = new LocalHeap(storage, table.getLocalHeapAddress()).getDataBuffer();
    Map<String, Long> addresses = new LinkedHashMap<>();
    for (long node : tree.getChildAddresses()) {
      for (SymbolTableEntry entry :
          new GroupSymbolTableNode(storage, node).getSymbolTableEntries()) {
        names.position(entry.getLinkNameOffset());
        boolean link = entry.getCacheType() == SOFT_LINK;
        String name = Utils.readUntilNull(names);
        if (Hdf5Texts.isLost(name)) {
          throw Hdf5Texts.notUtf8(file, name);
        }
        addresses.put(name, link ? NONE : entry.getObjectHeaderAddress());
      }
    }
    return addresses;
  }

  private static Map<String, Long> inMessages(HdfFile file, ObjectHeader header) {
    HdfBackingStorage storage = file.getHdfBackingStorage();
    Map<String, Long> addresses = new LinkedHashMap<>();
    LinkInfoMessage info = header.getMessageOfType(LinkInfoMessage.class);
    if (info.getBTreeNameIndexAddress() == NONE) {
      HeaderBytes bytes = HeaderBytes.of(header, storage);
      for (LinkMessage link : header.getMessagesOfType(LinkMessage.class)) {
        put(addresses, link, nameInHeader(link, bytes, file), file);
      }
      return addresses;
    }
    FractalHeap heap = new FractalHeap(storage, info.getFractalHeapAddress());
    BTreeV2<LinkNameForIndexedGroupRecord> index =
        new BTreeV2<>(storage, info.getBTreeNameIndexAddress());
    for (LinkNameForIndexedGroupRecord record : index.getRecords()) {
      ByteBuffer message = heap.getId(record.getId()).slice().order(ByteOrder.LITTLE_ENDIAN);
      String name = Hdf5Texts.name(nameIn(message.duplicate()), file);
      put(addresses, LinkMessage.fromBuffer(message, storage.getSuperblock()), name, file);
    }
    return addresses;
  }

  /** Where in a message about a link its name lies. */
  private static ByteBuffer nameIn(ByteBuffer message) {
    message.order(ByteOrder.LITTLE_ENDIAN).get(); // the version
    byte flags = message.get();
    int passed =
        ((flags & LINK_TYPE) == 0 ? 0 : 1)
            + ((flags & CREATION_ORDER) == 0 ? 0 : Long.BYTES)
            + ((flags & CHARACTER_SET) == 0 ? 0 : 1);
    message.position(message.position() + passed);
    int length = Utils.readBytesAsUnsignedInt(message, 1 << (flags & LENGTH_OF_LENGTH));
    return message.slice(message.position(), length);
  }

  /** jHDF keeps of a link in the header no bytes: there the name lies before its address. */
  private static String nameInHeader(LinkMessage link, HeaderBytes header, HdfFile file) {
    String name = link.getLinkName();
    if (!Hdf5Texts.isLost(name)) {
      return name;
    }
    if (link.getLinkType() == LinkMessage.LinkType.HARD) {
      List<ByteBuffer> found = header.before(link.getHardLinkAddress(), name);
      if (found.size() == 1) {
        return Hdf5Texts.name(found.get(0), file);
      }
    }
    throw Hdf5Texts.notUtf8(file, name);
  }

  private static void put(
      Map<String, Long> addresses, LinkMessage link, String name, HdfFile file) {
    boolean hard = link.getLinkType() == LinkMessage.LinkType.HARD;
    if (addresses.put(name, hard ? link.getHardLinkAddress() : NONE) != null) {
      throw new PalimpsestException(
          "%s names two things '%s'. Give each a name of its own where the file is written."
              .formatted(file.getFileAsPath(), name));
    }
  }
}

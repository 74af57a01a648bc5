"""A broker that also listens with SASL, with TLS and with both, and the CA that its TLS is from."""

import base64
import gc
import ipaddress
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from kafka import KafkaAdminClient
from kafka.admin import NewTopic, ScramMechanism, UserScramCredentialUpsertion
from tests.ports import free_port

from newsman.tools.local.kafka import Broker

USER, PASSWORD = "desk", "of the desk"
TOPIC = "archive"
_PEM = serialization.Encoding.PEM
_PROPERTIES = """
listeners={plain},CONTROLLER://127.0.0.1:{controller},{listeners}
advertised.listeners={plain},{listeners}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,\
SASL:SASL_PLAINTEXT,TLS:SSL,MUTUAL:SSL,BOTH:SASL_SSL
listener.name.sasl.sasl.enabled.mechanisms=PLAIN
listener.name.sasl.plain.sasl.jaas.config=\
org.apache.kafka.common.security.plain.PlainLoginModule required user_{user}="{password}";
listener.name.both.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER
listener.name.both.plain.sasl.jaas.config=\
org.apache.kafka.common.security.plain.PlainLoginModule required user_{user}="{password}";
listener.name.both.scram-sha-256.sasl.jaas.config=\
org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.both.oauthbearer.sasl.jaas.config=\
org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;
listener.name.mutual.ssl.client.auth=required
listener.name.mutual.ssl.truststore.type=PEM
listener.name.mutual.ssl.truststore.location={truststore}
listener.name.both.scram-sha-512.sasl.jaas.config=\
org.apache.kafka.common.security.scram.ScramLoginModule required;
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
"""


@dataclass
class SecureBroker(Broker):
    """The listeners by the option `security` that they are for, and one that asks for a
    certificate; `ca` is PEM, and `client_pem` a file of a certificate from there and its key."""

    ports: dict[str, int] = field(init=False)
    ca: str = field(init=False)

    def prepare(self) -> tuple[str, Path]:
        """As a broker's, with more listeners."""
        java, properties = super().prepare()
        self.ports = {name: free_port() for name in ("sasl_plaintext", "ssl", "mutual", "sasl_ssl")}
        self.ca, keystore = certificates()
        for file in ("broker.pem", "client.pem"):
            (self.folder / file).write_text(keystore)
        (self.folder / "ca.pem").write_text(self.ca)
        names = zip(("SASL", "TLS", "MUTUAL", "BOTH"), self.ports.values(), strict=True)
        more = _PROPERTIES.format(
            plain=f"PLAINTEXT://{self.bootstrap}",
            controller=self.controller_port,
            listeners=",".join(f"{name}://127.0.0.1:{port}" for name, port in names),
            user=USER,
            password=PASSWORD,
            keystore=self.folder / "broker.pem",
            truststore=self.folder / "ca.pem",
        )
        # Of a property that is there twice the last one counts.
        properties.write_text(properties.read_text() + more)
        return java, properties

    def furnish(self) -> None:
        """The user of SCRAM, and a topic."""
        admin = KafkaAdminClient(bootstrap_servers=self.bootstrap)
        for each in (ScramMechanism.SCRAM_SHA_256, ScramMechanism.SCRAM_SHA_512):
            # Kafka takes one change of a user at a time.
            scram = UserScramCredentialUpsertion(USER, each, PASSWORD)
            assert admin.alter_user_scram_credentials([scram]) == {USER: None}
        admin.create_topics([NewTopic(TOPIC, num_partitions=2, replication_factor=1)])
        admin.close()

    def address(self, listener: str) -> str:
        """The address of a listener."""
        return f"127.0.0.1:{self.ports[listener]}"

    @property
    def ca_pem(self) -> Path:
        """The file of the CA."""
        return self.folder / "ca.pem"

    @property
    def client_pem(self) -> Path:
        """The file of a client's certificate and key."""
        return self.folder / "client.pem"

    def target(self, security: str) -> str:
        """What a subscription names."""
        return f"kafka://127.0.0.1:{self.ports[security]}/{TOPIC}"


def certificates() -> tuple[str, str]:
    """A CA, and the key and certificate for 127.0.0.1 that it has signed; PEM."""
    ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = _name("CA of a partner")
    ca = _certificate(
        authority,
        ca_key.public_key(),
        authority,
        ca_key,
        x509.BasicConstraints(ca=True, path_length=None),
    )
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    leaf = _certificate(_name("broker"), key.public_key(), authority, ca_key, here)
    private = key.private_bytes(
        _PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return ca.decode(), (private + leaf).decode()


def unsigned_token(user: str) -> str:
    """A token that a broker without keys to check it by takes (RFC 7515, `alg: none`)."""
    now = int(datetime.now(UTC).timestamp())
    parts = ({"alg": "none"}, {"sub": user, "iat": now, "exp": now + 3_600})
    return ".".join(_base64(json.dumps(part)) for part in parts) + "."


def _base64(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _certificate(subject, public_key, issuer, issuer_key, extension) -> bytes:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
    )
    return builder.sign(issuer_key, hashes.SHA256()).public_bytes(_PEM)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@contextmanager
def running(folder: Path, jars: Path, formatted: Path) -> Iterator[SecureBroker]:
    """A broker of that kind that takes connections, with its users and its topic."""
    broker = SecureBroker(folder, free_port(), free_port(), jars)
    shutil.copytree(formatted, broker.data)
    broker.start()
    try:
        broker.wait_ready()
        broker.furnish()
        yield broker
    finally:
        broker.resume()
        broker.kill()
        # kafka-python leaves sockets of TLS handshakes that failed.
        gc.collect()

"""Word lists behind the weak labels of ``kgrag.train.weak``.

Professions were read off the Wikidata labels (CC0) of the catalogue, without what only WebNLG
names, and added to by hand; the rest is written by hand for kgrag. Words that mean something else
as often (model, host, fan, star, page) are left out: a list is to be right, not complete. Lower
case matches both cases; a singular stands for its plural too.
"""

OCCUPATIONS = """
abolitionist; accountant; acrobat; activist; actor; actress; actuary; administrator; admiral;
adventurer; agronomist; alchemist; anatomist; animator; announcer; anthropologist; apothecary;
archaeologist; archer; architect; archivist; art collector; art critic; art dealer; art historian;
artisan; artist; assassin; assistant professor; associate professor; astrologer; astronaut;
astronomer; astrophysicist; athlete; attorney; auctioneer; author; aviator; bacteriologist; baker;
ballerina; ballet dancer; ballet master; bandleader; banker; baritone; barista; barrister;
bartender; baseball player; basketball player; bassist; bass player; biathlete; bibliographer;
biochemist; biographer; biologist; biophysicist; blacksmith; blogger; bodybuilder; bodyguard;
bookbinder; bookkeeper; bookseller; botanist; boxer; brewer; broadcaster; broker; bureaucrat; bus
driver; businessman; businessperson; businesswoman; butcher; butler; cabinetmaker; cameraman;
caricaturist; carpenter; cartographer; cartoonist; cellist; chef; chemical engineer; chemist;
chess player; choirmaster; choreographer; cinematographer; civil engineer; civil rights activist;
civil servant; clarinetist; clergyman; cleric; climatologist; coach; columnist; comedian;
comedienne; comic book artist; comics artist; commentator; composer; computer programmer; computer
scientist; concert pianist; conductor; conservationist; contralto; copywriter; cosmonaut; costume
designer; courtier; craftsman; cricketer; critic; cryptographer; curator; cyclist; dancer; data
scientist; defenceman; dentist; dermatologist; designer; detective; diplomat; disc jockey;
dissident; docent; doctor; dramatist; driver; drummer; ecologist; economist; editor;
editor-in-chief; educationist; educator; Egyptologist; electrician; electrical engineer; engineer;
engraver; entertainer; entomologist; entrepreneur; environmentalist; epidemiologist; essayist;
ethnographer; ethnologist; explorer; farmer; fashion designer; fencer; figure skater; film critic;
film director; film maker; film producer; film-maker; filmmaker; financier; firefighter; fireman;
fisherman; flautist; flight attendant; flutist; folklorist; footballer; football player; forester;
foundry worker; freelance writer; game designer; gangster; gardener; geneticist; geodesist;
geographer; geologist; geometer; geophysicist; glaciologist; goalkeeper; goalscorer; golfer;
grammarian; graphic artist; graphic designer; guitarist; gunsmith; gymnast; gynecologist;
hairdresser; harpist; harpsichordist; head coach; herpetologist; hip hop producer; historian;
hockey player; horse trainer; horticulturist; housewife; humorist; hurdler; hydrologist;
illustrator; impresario; industrialist; instrumentalist; interior designer; interpreter; inventor;
investor; investigator; investment banker; jeweller; jockey; journalist; jurist; keyboardist; law
clerk; lawyer; lecturer; legal scholar; lexicographer; librarian; librettist; linguist; literary
critic; literary scholar; lithographer; lobbyist; locksmith; logician; lyricist; machinist;
magician; make-up artist; manager; mangaka; mathematician; mechanic; mechanical engineer; media
mogul; medic; medievalist; merchant; metallurgist; meteorologist; mezzo-soprano; microbiologist;
midfielder; midwife; military engineer; military historian; mineralogist; miner; missionary;
mountaineer; multi-instrumentalist; musician; music critic; music producer; music teacher;
musicologist; mystic; naturalist; naval officer; navigator; neurologist; neuroscientist;
neurosurgeon; news anchor; news presenter; novelist; numismatist; nun; nurse; nutritionist;
oboist; obstetrician; oceanographer; opera singer; ophthalmologist; optician; orchestrator;
organist; orientalist; ornithologist; painter; paleontologist; palaeontologist; pamphleteer;
paramedic; pathologist; peasant; pedagogue; pediatrician; percussionist; pharmacist;
pharmacologist; philanthropist; philologist; philosopher; photographer; photojournalist;
physician; physicist; physiologist; physiotherapist; pianist; playwright; plumber; podcaster;
poet; police officer; policeman; policewoman; political activist; political scientist; politician;
polymath; portrait painter; postdoctoral researcher; postman; potter; preacher; priest;
primatologist; printer; producer; pastor; monk; friar; chaplain; statesman; stateswoman; fashion
model; central banker; game show host; war correspondent; correspondent; stage magician;
cardiologist; radiologist; nephrologist; oncologist; anesthesiologist; printmaker; production
designer; professor; professor emeritus; programmer; promoter; proofreader; psychiatrist;
psychoanalyst; psychologist; psychotherapist; publicist; publisher; puppeteer; racing driver;
racecar driver; radio host; radio personality; radio presenter; railwayman; rapper; realtor;
record producer; referee; reporter; research assistant; research associate; research fellow;
researcher; restaurateur; revolutionary; rower; rugby player; runner; sailor; saxophonist; scenic
designer; scholar; schoolteacher; school teacher; science fiction writer; scientist; screenwriter;
sculptor; seaman; seamstress; senior lecturer; serial killer; short story writer; shoemaker;
showrunner; singer; singer-songwriter; skier; sociologist; socialite; software developer; software
engineer; soldier; solicitor; songwriter; soprano; sound engineer; spy; stage actor; stage
actress; stage director; stage designer; statistician; stockbroker; storyteller; striker; stunt
performer; stuntman; suffragette; suffragist; superintendent; surgeon; surveyor; swimmer; tailor;
talk show host; talent agent; tax collector; taxi driver; teacher; teaching assistant; technician;
television host; television presenter; television producer; tennis player; theatre director;
theater director; theologian; theoretical physicist; theorist; toxicologist; translator;
trombonist; troubadour; trumpeter; tutor; typographer; umpire; urban planner; veterinarian;
veterinary surgeon; video game designer; violinist; violist; virologist; vocalist; voice actor;
voice actress; volleyball player; waiter; waitress; warrior; watchmaker; weaver; web developer;
weightlifter; wicketkeeper; woodcarver; wrestler; writer; zoologist; assistant coach; artistic
director; creative director; art director; music director; musical director; director of
photography; executive producer; film editor; project manager; general manager; football manager;
campaign manager; talent manager; point guard; shooting guard; power forward; small forward;
left-back; right-back; centre-back; quarterback; linebacker; running back; wide receiver; pitcher;
shortstop; outfielder; lieutenant; captain; colonel; brigadier; commander; sergeant; corporal;
major general; lieutenant general; brigadier general; field marshal; lieutenant colonel;
lieutenant-general; major-general; rear admiral; vice admiral; army officer; military officer;
intelligence officer; commander-in-chief
"""

OFFICES = """
abbess; abbot; acting president; administrator-general; alderman; ambassador; antipope;
archbishop; archdeacon; archduchess; archduke; assemblyman; attorney general; auxiliary bishop;
baron; baroness; bishop; caliph; cardinal; chairman; chairman of the board; chairperson;
chairwoman; chancellor; chancellor of the exchequer; chief executive; chief executive officer;
chief financial officer; chief justice; chief minister; chief of staff; chief operating officer;
chief of police; chief technology officer; commissioner; congressman; congresswoman; consul;
councillor; councilman; councilwoman; crown prince; crown princess; czar; dauphin; dean; defence
minister; defense minister; defense secretary; deputy chairman; deputy governor; deputy mayor;
deputy minister; deputy prime minister; dictator; duchess; duke; earl; education minister;
elector; emir; emperor; empress; envoy; first lady; first minister; first secretary; finance
minister; foreign minister; foreign secretary; general secretary; governor; governor general;
governor-general; grand duchess; grand duke; grand master; grand vizier; head coach; head of
government; head of state; health minister; high commissioner; home secretary; imam; interior
minister; justice minister; justice of the peace; king; khan; legislator; lieutenant governor;
lord chancellor; lord mayor; magistrate; managing director; margrave; mayor; member of congress;
member of parliament; member of the house of representatives; member of the legislative assembly;
minister; minister of foreign affairs; minister of finance; minister of defence; minister of
defense; minister of justice; minister of education; minister of health; minister of agriculture;
minister of the interior; minister of culture; minister of war; minister-president; monarch;
parliamentarian; patriarch; pharaoh; pope; postmaster general; premier; president;
president-elect; press secretary; prime minister; prince; princess; prince consort; prince regent;
privy councillor; procurator; prosecutor; prosecutor general; provost; public prosecutor; queen;
queen consort; queen mother; rabbi; rector; regent; secretary of commerce; secretary of defense;
secretary of defence; secretary of state; secretary of the interior; secretary of the treasury;
secretary general; secretary-general; senator; sheriff; shogun; solicitor general; state senator;
state representative; sultan; treasurer; tsar; tsarina; undersecretary; vicar; vicar general; vice
chairman; vice chancellor; vice-chancellor; vice president; vice-president; viceroy; viscount;
vizier; district attorney; supreme court justice; associate justice; executive director;
secretary; judge; leader; chief rabbi; director; director general; director-general; general; CEO;
CFO; COO; CTO; deputy director; archimandrite; metropolitan bishop; suffragan bishop; opposition
leader; party leader; presiding bishop; state treasurer; surgeon general; majority leader;
minority leader; vice premier; doge; stadtholder; landgrave; count palatine; burgomaster;
quaestor; praetor; satrap
"""

TITLES = """
admiral; ambassador; archbishop; archduchess; archduke; attorney general; baroness; bishop;
cardinal; ceo; chairman; chancellor; chief executive officer; chief justice; chief minister;
colonel; commander; commissioner; congressman; congresswoman; councillor; crown prince; crown
princess; czar; defense secretary; defence minister; defence secretary; deputy prime minister;
director; district attorney; duchess; duke; earl; emperor; empress; field marshal; finance
minister; first lady; first minister; foreign minister; foreign secretary; general; general
secretary; governor; governor general; governor-general; grand duchess; grand duke; home
secretary; judge; justice minister; king; lieutenant; lieutenant colonel; lieutenant general;
lieutenant governor; lord mayor; major general; lieutenant-general; major-general; mayor;
minister; pope; premier; president; prime minister; prince; princess; professor; queen; rabbi;
rear admiral; brigadier general; secretary general; secretary-general; secretary of state;
secretary of defense; secretary of the interior; secretary of the treasury; senator; sergeant;
sheriff; solicitor general; sultan; captain; tsar; tsarina; vice president; vice-president; vice
admiral; viceroy; viscount; undersecretary; associate professor; assistant professor; cfo; coo;
cto; chief financial officer; head coach; chief operating officer; chief technology officer;
managing director; executive director; director general; member of parliament; member of congress;
chairwoman; vice chairman; reporter; chancellor of the exchequer; editor-in-chief; minister of
foreign affairs; minister of finance; minister of defence; minister of justice; minister of
education; minister of the interior; secretary; treasurer; interior minister; press secretary;
state senator; doge; pharaoh
"""
"""Professions that are written with a capital before a name or for the office itself."""

SURNAMES = """
abbot; archer; baker; baron; bishop; brewer; butcher; butler; captain; cardinal; carpenter;
chancellor; coach; commander; consul; dean; doctor; duke; earl; farmer; fisherman; gardener;
general; judge; khan; king; miner; monarch; painter; peasant; poet; pope; potter; prince;
princess; printer; prior; provost; queen; runner; sailor; singer; soldier; tailor; vicar; warrior;
weaver; sultan; emperor; president; premier; governor; senator; ambassador; sheriff; minister;
wrestler; boxer; pitcher; driver; cleric; viscount
"""
"""Professions that are also names of people, bands, ships and makes when capitalised."""

PROFESSION_MODIFIERS = """
aerospace; assistant; ballet; baroque; blues; classical; club; comedy; comic; computer; country;
court; deputy; electrical; electronic; executive; experimental; fantasy; fashion; field; figure;
film; folk; football; freelance; gospel; ice hockey; investigative; jazz; junior; landscape; lead;
literary; marine; medical; military; naval; opera; organic; police; political; pop; portrait;
radio; rock; rugby; science; senior; session; short story; sports; stage; street; television;
theatre; theater; theoretical; TV; vice; voice; war
"""
"""Words that belong to the profession after them; not nationality, fame, time or merit."""

PLACE_TAILS = frozenset(
    """
    Academy Airport Arena Assembly Avenue Award Awards Band Bay Beach Boulevard Bridge Brothers
    Building Castle Cathedral Center Centre Church City Club College Company Council County Court
    Cup Day District Drive Dynamics Electric Election Fort Foundation Garden Gardens Gate Group
    Hall Harbor Harbour Hill Hills Hospital Hotel House Inn Institute Island Islands Lake Lane
    Library Line Mall Medal Memorial Mills Monument Motors Mountain Museum Office Palace Park Party
    Peak Place Plaza Point Post Press Prize Records River Road Room School Society Square Stadium
    Staff Station Street Studios Suite Synod Theater Theatre Tower Town Trophy Tunnel University
    Valley Village Wharf Who Kong Crimson America Marvel Crunch Strike Lear Election Tour Stakes
    Handicap Trust Prussia Street Jazz Gustav-Adolf Corporation Corp Inc Range Regiment Sound
    """.split()
)
"""Last words that make the capitalised words before them the name of no person."""

BODY_TAILS = frozenset(
    """
    Affairs Agency Airlines Army Assembly Association Authority Bank Board Broadcasting Bureau
    Cabinet Center Centre Chamber Church City College Commission Committee Company Conference
    Conservatory Corporation Corps Council Court Defense Department Empire Federation Force Forces
    Congress Foundation Fund Government Group Guard Health House Institute Kingdom League
    Legislature Ministry Museum Navy Office Opera Orchestra Organization Parliament Party Police
    Union Press Reserve School Senate Service Society State States System Times Treasury
    University Republic Territory Islands Ireland Wales Africa Korea Guinea Security Jersey York
    Mexico Hampshire
    """.split()
)
"""Last words of bodies that begin with a place: "Pakistan Atomic Energy Commission"."""

NATIONALITIES = """
Afghan; African; African-American; Albanian; Algerian; American; Angolan; Arab; Argentine;
Argentinian; Armenian; Asian; Australian; Austrian; Azerbaijani; Bangladeshi; Bavarian;
Belarusian; Belgian; Bolivian; Bosnian; Brazilian; British; Bulgarian; Burmese; Byzantine;
Cambodian; Canadian; Catalan; Chechen; Chilean; Chinese; Colombian; Croatian; Cuban; Cypriot;
Czech; Danish; Dutch; Ecuadorian; Egyptian; English; Estonian; Ethiopian; European; Filipino;
Finnish; Flemish; French; Georgian; German; Ghanaian; Greek; Guatemalan; Haitian; Hungarian;
Icelandic; Indian; Indonesian; Iranian; Iraqi; Irish; Israeli; Italian; Jamaican; Japanese;
Kazakh; Kenyan; Korean; Kurdish; Latvian; Lebanese; Libyan; Lithuanian; Macedonian; Malaysian;
Maltese; Mexican; Mongolian; Moroccan; Nepalese; Nicaraguan; Nigerian; Norwegian; Ottoman;
Pakistani; Palestinian; Persian; Peruvian; Polish; Portuguese; Prussian; Romanian; Russian; Saudi;
Scottish; Senegalese; Serbian; Sicilian; Slovak; Slovenian; Somali; Soviet; Spanish; Sudanese;
Swedish; Swiss; Syrian; Taiwanese; Tanzanian; Thai; Tunisian; Turkish; Ugandan; Ukrainian;
Uruguayan; Uzbek; Venezuelan; Venetian; Vietnamese; Welsh; Yemeni; Yugoslav; Zimbabwean
"""
NATIONALITY_PLURALS = """
Americans; Germans; Russians; Italians; Poles; Turks; Greeks; Swedes; Danes; Finns; Scots; Arabs;
Serbs; Croats; Kurds; Czechs; Slovaks; Ukrainians; Indians; Canadians; Australians; Austrians;
Belgians; Brazilians; Bulgarians; Egyptians; Europeans; Africans; Africans-Americans; Hungarians;
Iranians; Israelis; Mexicans; Norwegians; Pakistanis; Palestinians; Romanians; Syrians; Iraqis;
Englishmen; Frenchmen; Irishmen; Englishman; Frenchman; Irishman; Scotsman; Welshman; Dutchman;
Spaniard; Spaniards; Swede; Dane; Finn; Serb; Croat; Armenians; Georgians; Chechens; Asians;
Cubans; Filipinos; Koreans; Ottomans; Persians; Prussians; Venetians; Nigerians; Afghans; Bosnians
"""

LANGUAGES = """
Afrikaans; Albanian; Amharic; Arabic; Aramaic; Armenian; Basque; Bengali; Breton; Bulgarian;
Burmese; Cantonese; Catalan; Chinese; Coptic; Croatian; Czech; Danish; Dutch; English; Esperanto;
Estonian; Finnish; Flemish; French; Frisian; Galician; Georgian; German; Greek; Gujarati; Hausa;
Hebrew; Hindi; Hungarian; Icelandic; Igbo; Indonesian; Irish; Italian; Japanese; Kannada; Kazakh;
Khmer; Korean; Kurdish; Latin; Latvian; Lithuanian; Macedonian; Malay; Malayalam; Mandarin;
Marathi; Mongolian; Nepali; Norwegian; Occitan; Pashto; Persian; Polish; Portuguese; Punjabi;
Quechua; Romanian; Russian; Sanskrit; Serbian; Slovak; Slovenian; Somali; Spanish; Swahili;
Swedish; Tagalog; Tamil; Tatar; Telugu; Thai; Tibetan; Turkish; Ukrainian; Urdu; Uzbek;
Vietnamese; Welsh; Yiddish; Yoruba; Zulu
"""
ALWAYS_LANGUAGES = """
Afrikaans; Amharic; Arabic; Aramaic; Cantonese; Esperanto; Gujarati; Hebrew; Hindi; Kannada;
Malayalam; Marathi; Pashto; Sanskrit; Swahili; Tagalog; Telugu; Urdu; Yiddish
"""
"""Languages whose name is not also a people's or a place's."""

RELIGIONS = """
Anglicanism; Baháʼí Faith; Buddhism; Calvinism; Catholicism; Christianity; Confucianism; Hinduism;
Islam; Jainism; Judaism; Lutheranism; Manichaeism; Methodism; Mormonism; Orthodoxy; Protestantism;
Roman Catholicism; Shinto; Sikhism; Sufism; Sunni Islam; Shia Islam; Taoism; Zoroastrianism;
Eastern Orthodoxy; Scientology
"""
BELIEVERS = """
Anglican; Buddhist; Calvinist; Catholic; Christian; Hindu; Lutheran; Mormon; Muslim; Presbyterian;
Protestant; Roman Catholic; Sikh; Sunni; Shia; Shiite; Zoroastrian
"""

IDEOLOGIES = """
absolutism; anarchism; anarcho-syndicalism; anti-communism; anti-semitism; antisemitism;
authoritarianism; bolshevism; capitalism; centrism; christian democracy; collectivism;
colonialism; communism; conservatism; constitutionalism; enlightened absolutism; environmentalism;
eurocommunism; euroscepticism; fascism; federalism; feminism; fundamentalism; imperialism;
islamism; jihadism; leninism; liberal conservatism; liberalism; libertarianism; maoism; marxism;
marxism-leninism; militarism; monarchism; multiculturalism; nationalism; national socialism;
nazism; neoconservatism; neoliberalism; pacifism; pan-africanism; pan-arabism; pan-slavism;
patriotism; populism; progressivism; racism; republicanism; secularism; separatism; social
democracy; socialism; stalinism; syndicalism; totalitarianism; trotskyism; unionism; white
supremacy; zionism
"""
ADHERENTS = """
abolitionist; anarchist; bolshevik; communist; anti-communist; fascist; feminist; islamist;
leninist; libertarian; maoist; marxist; monarchist; nationalist; nazi; neo-nazi; pacifist;
populist; royalist; separatist; social democrat; socialist; stalinist; trotskyist; zionist; social
democratic
"""
"""Nouns and adjectives of those who hold an ideology; NEREL marks both."""

FIELDS = """
abstract algebra; aerodynamics; aeronautics; agronomy; algebraic geometry; algebraic topology;
anatomy; anthropology; applied mathematics; archaeology; artificial intelligence; astronomy;
astrophysics; bacteriology; behavioral economics; biochemistry; bioinformatics; biology;
biophysics; botany; cell biology; chemical engineering; chemistry; civil engineering; cognitive
science; combinatorics; computational linguistics; computer science; computer vision; cosmology;
criminology; cryptography; crystallography; cybernetics; data mining; data science; differential
geometry; ecology; econometrics; economics; electrical engineering; electrodynamics; electronics;
embryology; entomology; epidemiology; epistemology; ethnography; ethnology; evolutionary biology;
fluid dynamics; functional analysis; game theory; genetics; geochemistry; geodesy; geology;
geometry; geophysics; graph theory; group theory; hydrodynamics; immunology; information theory;
inorganic chemistry; linguistics; machine learning; marine biology; materials science;
mathematical logic; mathematical physics; mathematics; mechanical engineering; metallurgy;
metaphysics; meteorology; microbiology; mineralogy; molecular biology; musicology; nanotechnology;
natural history; natural language processing; natural philosophy; neurology; neuroscience; nuclear
physics; number theory; numerical analysis; oceanography; oncology; operations research; optics;
organic chemistry; ornithology; paleontology; palaeontology; particle physics; pathology;
pediatrics; pharmacology; philology; phonetics; phonology; physics; physical chemistry;
physiology; plasma physics; political economy; political science; probability theory; psychiatry;
psychoanalysis; psychology; quantum chemistry; quantum mechanics; quantum physics; robotics;
semiotics; set theory; sociology; software engineering; solid state physics; speech recognition;
statistical mechanics; taxonomy; theoretical physics; thermodynamics; topology; toxicology;
trigonometry; virology; zoology
"""
STUDIED_FIELDS = """
accounting; aesthetics; agriculture; algebra; architecture; art; art history; business; business
administration; classics; criminal law; divinity; drama; education; engineering; ethics; film;
fine arts; geography; history; history of art; humanities; international law; international
relations; journalism; jurisprudence; law; literature; logic; medicine; music; natural sciences;
philosophy; political philosophy; public health; public policy; public administration; rhetoric;
statistics; surgery; theatre; theology; English literature; French literature; finance; marketing
"""
"""Fields only after words of study or teaching: each means something wider elsewhere."""
